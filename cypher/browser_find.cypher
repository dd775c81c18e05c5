// Find by a text
//
// The runs whose ids, and the artifacts whose names or places, contain a text, newest first.
// Parameters, whose lines are run first, with your own values
//   $text  STRING
//     :param text => "train"
CALL () {
  MATCH (n:Run) WHERE n.run_id CONTAINS $text
  RETURN n, n.created_at AS time
  UNION ALL
  MATCH (n:Artifact) WHERE n.name CONTAINS $text OR n.path CONTAINS $text OR n.place CONTAINS $text
  RETURN n, coalesce(n.updated_at, n.created_at) AS time
}
WITH n, time WHERE NOT (n:External OR n:Declared)
  OR EXISTS { (n)<-[:USED|DERIVED_FROM]-() } OR EXISTS { (n)<-[:GENERATED_BY]-()<-[:USED]-() }
WITH n, time ORDER BY time DESC, n.run_id, n.name LIMIT 100
RETURN n AS found, time, [(n)-[l:USED|GENERATED_BY|DERIVED_FROM]->() | l] AS sources
