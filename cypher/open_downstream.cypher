// Those of these runs that have a consumer which was not kept.
//
// Parameters
//   $run_ids  LIST OF STRING
//   $kept     LIST OF STRING
// Columns: run_ids LIST OF STRING
UNWIND $run_ids AS run_id
MATCH (p:Run {run_id: run_id})
WHERE EXISTS { MATCH (p)<-[:DERIVED_FROM]-(c:Run) WHERE NOT c.run_id IN $kept }
   OR EXISTS { MATCH (p)<-[:GENERATED_BY]-(a:Artifact)<-[:USED]-(c:Run) WHERE a.run_id = p.run_id AND NOT c.run_id IN $kept }
RETURN collect(p.run_id) AS run_ids
