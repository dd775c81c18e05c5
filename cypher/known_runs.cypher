// Those of these runs that are there: that reported, or are named by a source.
//
// Parameters
//   $rows    MAP of run_ids: LIST OF STRING
//   $as_of   DATETIME, or null for now
// Columns: run_ids LIST OF STRING
UNWIND $rows.run_ids AS run_id
MATCH (r:Run {run_id: run_id})
WITH DISTINCT r WHERE datetime('1678') <= r.created_at < datetime('2262')
WITH r, NOT 'External' IN labels(r)
  AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= r.reported_at < datetime('2262') THEN r.reported_at ELSE r.created_at END <= $as_of)
  AS reported
WHERE reported OR EXISTS {
  MATCH (r)<-[d:DERIVED_FROM]-(c)
  WITH DISTINCT d, c WHERE 'Run' IN labels(c) AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
    AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= d.created_at < datetime('2262') THEN d.created_at ELSE c.created_at END <= $as_of)
  RETURN c
} OR EXISTS {
  MATCH (r)<-[:GENERATED_BY]-(a) WHERE a.run_id = r.run_id AND 'Artifact' IN labels(a)
    AND datetime('1678') <= a.created_at < datetime('2262') AND a.name IS :: STRING NOT NULL
  WITH DISTINCT a MATCH (a)<-[u:USED]-(c)
  WITH DISTINCT u, c WHERE 'Run' IN labels(c) AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
    AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= u.created_at < datetime('2262') THEN u.created_at ELSE c.created_at END <= $as_of)
  RETURN c
}
RETURN collect(r.run_id) AS run_ids
