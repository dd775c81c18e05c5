// The runs that name a run, or an artifact of it, as a source, with their times.
//
// Parameters
//   $run_id  STRING
//   $as_of   DATETIME, or null for now
// Columns: rows LIST OF [run_id, created_at (us since 1970 UTC)]
MATCH (p:Run {run_id: $run_id})
WITH DISTINCT p WHERE datetime('1678') <= p.created_at < datetime('2262')
CALL (p) {
  MATCH (p)<-[d:DERIVED_FROM]-(c) WHERE 'Run' IN labels(c)
    AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= d.created_at < datetime('2262') THEN d.created_at ELSE c.created_at END <= $as_of)
  RETURN c
  UNION
  MATCH (p)<-[:GENERATED_BY]-(a) WHERE a.run_id = p.run_id AND 'Artifact' IN labels(a)
    AND datetime('1678') <= a.created_at < datetime('2262') AND a.name IS :: STRING NOT NULL
  WITH DISTINCT a MATCH (a)<-[u:USED]-(c) WHERE 'Run' IN labels(c)
    AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= u.created_at < datetime('2262') THEN u.created_at ELSE c.created_at END <= $as_of)
  RETURN c
}
WITH c WHERE datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL AND NOT 'External' IN labels(c)
  AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= c.reported_at < datetime('2262') THEN c.reported_at ELSE c.created_at END <= $as_of)
RETURN collect([c.run_id, c.created_at.epochMillis * 1000 + c.created_at.microsecond % 1000]) AS rows
