// The runs that name a run, or an artifact of it, as a source.
//
// Parameters
//   $run_id  STRING
// Columns: run_ids LIST OF STRING
MATCH (p:Run {run_id: $run_id})
CALL (p) {
  MATCH (p)<-[:DERIVED_FROM]-(c) WHERE 'Run' IN labels(c) RETURN c
  UNION
  MATCH (p)<-[:GENERATED_BY]-(a) WHERE a.run_id = p.run_id AND 'Artifact' IN labels(a)
  WITH DISTINCT a MATCH (a)<-[:USED]-(c) WHERE 'Run' IN labels(c) RETURN c
}
RETURN collect(c.run_id) AS run_ids
