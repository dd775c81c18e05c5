// The runs that name the whole run as a source, and none of its artifacts.
//
// Parameters
//   $run_id  STRING
// Columns: run_ids LIST OF STRING
MATCH (p:Run {run_id: $run_id})<-[:DERIVED_FROM]-(c:Run)
WHERE NOT EXISTS { MATCH (c)-[:USED]->(a:Artifact)-[:GENERATED_BY]->(p) WHERE a.run_id = $run_id }
RETURN collect(c.run_id) AS run_ids
