// The runs that name a run, or an artifact of it, as a source, with their times.
//
// Parameters
//   $run_id  STRING
// Columns: rows LIST OF [run_id, created_at (us since 1970 UTC)]
MATCH (p:Run {run_id: $run_id})
CALL (p) {
  MATCH (p)<-[:DERIVED_FROM]-(c) WHERE 'Run' IN labels(c) RETURN c
  UNION
  MATCH (p)<-[:GENERATED_BY]-(a) WHERE a.run_id = p.run_id AND 'Artifact' IN labels(a)
  WITH DISTINCT a MATCH (a)<-[:USED]-(c) WHERE 'Run' IN labels(c) RETURN c
}
WITH c WHERE c.run_id IS NOT NULL
RETURN collect([c.run_id, c.created_at.epochMillis * 1000 + c.created_at.microsecond % 1000]) AS rows
