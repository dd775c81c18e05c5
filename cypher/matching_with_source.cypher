// The newest of the runs that name a run, or an artifact of it, as a source, and match.
//
// Parameters
//   $run_id  STRING
//   $since   DATETIME
//   $until   DATETIME; no longer in this time
//   $limit   INTEGER; runs
//   $only    LIST OF STRING; properties that are sent, or null for all
//   $as_of   DATETIME, or null for now
//   $own     LIST OF STRING; properties that are neither metadata nor read by their keys
// Parts: where (which runs match)
// Columns: keys LIST OF STRING (properties with metadata or context), rows LIST OF [run_id, false, created_at, updated_at,
//   values of the keys, [], [], and of some also reported_at, what
//   of it is forgotten, started_at, ended_at, the clock where as_of is not null]; one row for each set of keys;
//   times are us since 1970 UTC
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
WITH c AS r
WITH r WHERE /* where */ true AND CASE WHEN $since <= r.created_at < $until THEN true ELSE false END
  AND CASE WHEN r:External THEN false ELSE true END AND r.run_id IS :: STRING NOT NULL
  AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= r.reported_at < datetime('2262') THEN r.reported_at ELSE r.created_at END <= $as_of)
WITH r ORDER BY r.created_at DESC LIMIT $limit
WITH r, r.created_at AS created_at, r.updated_at AS updated_at, CASE WHEN $only IS NULL THEN properties(r) END AS o,
  CASE WHEN $only IS NULL THEN [key IN keys(r) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.']
    ELSE [key IN $only WHERE r[key] IS NOT NULL] END AS keys
RETURN keys, collect([
    r.run_id, false, created_at.epochMillis * 1000 + created_at.microsecond % 1000,
    CASE WHEN datetime('1678') <= updated_at < datetime('2262')
      THEN updated_at.epochMillis * 1000 + updated_at.microsecond % 1000 END,
    CASE WHEN $only IS NULL THEN [key IN keys | o[key]] ELSE [key IN keys | r[key]] END, [], []
  ] + CASE WHEN r.`graphtracker.forgotten` IS NULL AND $as_of IS NULL AND r.reported_at = created_at
      AND r.`context.started_at` IS NULL AND r.`context.ended_at` IS NULL THEN [] ELSE [
    CASE WHEN datetime('1678') <= r.reported_at < datetime('2262')
      THEN r.reported_at.epochMillis * 1000 + r.reported_at.microsecond % 1000 END,
    r.`graphtracker.forgotten`,
    CASE WHEN datetime('1678') <= r.`context.started_at` < datetime('2262')
      THEN r.`context.started_at`.epochMillis * 1000 + r.`context.started_at`.microsecond % 1000 END,
    CASE WHEN datetime('1678') <= r.`context.ended_at` < datetime('2262')
      THEN r.`context.ended_at`.epochMillis * 1000 + r.`context.ended_at`.microsecond % 1000 END,
    CASE WHEN $as_of IS NOT NULL THEN r.`graphtracker.clock` END
  ] END
) AS rows
