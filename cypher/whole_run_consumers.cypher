// The runs that name the whole run as a source, and none of its artifacts.
//
// Parameters
//   $run_id  STRING
// Columns: run_ids LIST OF STRING
MATCH (p:Run {run_id: $run_id})<-[:DERIVED_FROM]-(c:Run)
WHERE NOT EXISTS { (c)-[:USED]->(:Artifact)-[:GENERATED_BY]->(p) }
RETURN collect(c.run_id) AS run_ids
