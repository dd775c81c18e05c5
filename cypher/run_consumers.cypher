// The runs that name a run, or an artifact of it, as a source.
//
// Parameters
//   $run_id  STRING
// Columns: run_ids LIST OF STRING
MATCH (p:Run {run_id: $run_id})
WITH DISTINCT p WHERE datetime('1678') <= p.created_at < datetime('2262')
CALL (p) {
  MATCH (p)<-[:DERIVED_FROM]-(c) WHERE 'Run' IN labels(c) RETURN c
  UNION
  MATCH (p)<-[:GENERATED_BY]-(a) WHERE a.run_id = p.run_id AND 'Artifact' IN labels(a)
    AND datetime('1678') <= a.created_at < datetime('2262') AND a.name IS :: STRING NOT NULL
  WITH DISTINCT a MATCH (a)<-[:USED]-(c) WHERE 'Run' IN labels(c) RETURN c
}
WITH c WHERE datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
RETURN collect(c.run_id) AS run_ids
