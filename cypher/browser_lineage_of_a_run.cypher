// Lineage of a run
//
// The run with all its ancestors and all its descendants.
// Parameters
//   $run_id  STRING; :param run_id => "…"
MATCH (s:Run {run_id: $run_id})
CALL (s) {
  MATCH (s)(()-[:USED|GENERATED_BY|DERIVED_FROM]->(:Run|Artifact))*(n)
  RETURN DISTINCT n
  UNION
  MATCH (s)(()<-[:USED|GENERATED_BY|DERIVED_FROM]-(:Run|Artifact))*(n)
  RETURN DISTINCT n
}
WITH n WHERE NOT (n:External OR n:Declared)
  OR EXISTS { (n)<-[:USED|DERIVED_FROM]-() } OR EXISTS { (n)<-[:GENERATED_BY]-()<-[:USED]-() }
RETURN n
