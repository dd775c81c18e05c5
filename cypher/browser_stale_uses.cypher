// What is out of date
//
// Of the whole store the uses of an artifact at whose place another run logged something since: who used it, what, and
// the newest that lies there now, unless that carries the sha256 which the artifact had.
// A run that names its sources after it read them can be missed. What was made from these runs is stale, too.
// Parameters: none
CALL () {
  MATCH (c:Run)-[u:USED]->(a:Artifact)
  RETURN c, u, a
  UNION ALL
  MATCH (c:Run)-[u:DERIVED_FROM]->(p:Run)
  WHERE NOT EXISTS { (c)-[:USED]->(:Artifact)-[:GENERATED_BY]->(p) }
  MATCH (p)<-[:GENERATED_BY]-(a:Artifact)
  RETURN c, u, a
}
WITH c, u, a WHERE a.logged_at <= u.created_at
WITH a.place AS place, coalesce(a['graphtracker.place'], a.place) AS whole, collect([c, u, a]) AS uses
CALL (place, whole) {
  MATCH (b:Artifact {place: place}) WHERE NOT b:Declared AND coalesce(b['graphtracker.place'], b.place) = whole
  WITH b ORDER BY b.updated_at DESC, b.run_id, b.name
  WITH b.run_id AS run_id, head(collect(b)) AS b
  RETURN b ORDER BY b.updated_at DESC, run_id LIMIT 2
}
WITH uses, collect(b) AS newest
UNWIND uses AS each
WITH each[0] AS c, each[1] AS u, each[2] AS a, newest
WITH c, u, a, head([b IN newest WHERE b.run_id <> c.run_id]) AS b
WHERE b.updated_at > u.created_at
  AND NOT coalesce(a.updated_at <= u.created_at AND a['sha256'] = b['sha256'], false)
RETURN c AS user, u AS use, a AS used, b AS newest, [(a)-[g:GENERATED_BY]->(r) | [g, r]] AS made_by,
  [(b)-[g:GENERATED_BY]->(r) | [g, r]] AS renewed_by, u.created_at AS used_at, b.updated_at AS renewed_at
ORDER BY renewed_at DESC LIMIT 300
