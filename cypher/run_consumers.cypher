// The runs that name a run, or an artifact of it, as a source.
//
// Parameters
//   $run_id  STRING
// Columns: run_ids LIST OF STRING
MATCH (p:Run {run_id: $run_id})
CALL (p) {
  MATCH (p)<-[:DERIVED_FROM]-(c:Run) RETURN c
  UNION
  MATCH (p)<-[:GENERATED_BY]-(a:Artifact)<-[:USED]-(c:Run) WHERE a.run_id = p.run_id RETURN c
}
RETURN collect(c.run_id) AS run_ids
