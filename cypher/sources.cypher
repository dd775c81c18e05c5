// What a run names as its sources.
//
// Parameters
//   $run_id  STRING
// Columns: runs LIST OF STRING (whole runs), artifacts LIST OF [run_id, name]
MATCH (r:Run {run_id: $run_id})
RETURN [(r)-[:DERIVED_FROM]->(p:Run) | p.run_id] AS runs, [(r)-[:USED]->(a:Artifact) | [a.run_id, a.name]] AS artifacts
