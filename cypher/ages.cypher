// Every run that reported: when it was updated last, and which runs it came from.
//
// Parameters: none
// Columns: rows LIST OF [run_id, updated_at (us since 1970 UTC), LIST OF run_id]
MATCH (r:Run)
WHERE NOT r:External AND datetime('1678') <= r.created_at < datetime('2262') AND r.run_id IS :: STRING NOT NULL
RETURN collect([
  r.run_id,
  CASE WHEN datetime('1678') <= r.updated_at < datetime('2262') THEN r.updated_at.epochMillis * 1000 + r.updated_at.microsecond % 1000 END,
  [(r)-[:DERIVED_FROM]->(p:Run) | p.run_id]
  + [(r)-[:USED]->(a:Artifact) WHERE datetime('1678') <= a.created_at < datetime('2262') | a.run_id]
]) AS rows
