// What a run names as its sources.
//
// Parameters
//   $run_id  STRING
// Columns: runs LIST OF STRING (whole runs), artifacts LIST OF [run_id, name]
MATCH (r:Run {run_id: $run_id})
WITH DISTINCT r WHERE datetime('1678') <= r.created_at < datetime('2262')
RETURN
  [(r)-[:DERIVED_FROM]->(p)
   WHERE 'Run' IN labels(p) AND datetime('1678') <= p.created_at < datetime('2262')
   | p.run_id] AS runs,
  [(r)-[:USED]->(a:Artifact) WHERE datetime('1678') <= a.created_at < datetime('2262')
   | [a.run_id, a.name]] AS artifacts
