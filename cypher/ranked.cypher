// The first of the runs that match, in an order; of nodes of others that come among them there is no created_at.
//
// Parameters
//   $limit   INTEGER; runs
//   $only    LIST OF STRING; properties that are sent, or null for all
//   $as_of   DATETIME, or null for now
//   $own     LIST OF STRING; properties that are neither metadata nor read by their keys
// Parts: where (which runs match), order
// Columns: keys LIST OF STRING (properties with metadata or context), rows LIST OF [run_id, false, created_at, updated_at,
//   values of the keys, [], [], and of some also reported_at, what
//   of it is forgotten, started_at, ended_at, the clock where as_of is not null]; one row for each set of keys;
//   times are us since 1970 UTC
MATCH (r:Run)
WHERE /* where */ true
WITH r, r:External AS external
WHERE NOT external
  AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= r.reported_at < datetime('2262') THEN r.reported_at ELSE r.created_at END <= $as_of)
WITH r ORDER BY /* order */ true LIMIT $limit
WITH r, CASE WHEN datetime('1678') <= r.created_at < datetime('2262') THEN r.created_at END AS created_at, r.updated_at AS updated_at,
  CASE WHEN $only IS NULL THEN properties(r) END AS o,
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
