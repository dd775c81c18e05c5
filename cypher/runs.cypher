// Runs by their ids.
//
// Parameters
//   $rows    MAP of run_ids: LIST OF STRING
//   $as_of   DATETIME, or null for now
//   $own     LIST OF STRING; properties that are neither metadata nor read by their keys
// Columns: keys LIST OF STRING (properties with metadata or context), rows LIST OF [run_id, external, created_at, updated_at,
//   values of the keys, [], [], and of some also reported_at, what
//   of it is forgotten, started_at, ended_at, the clock where as_of is not null]; one row for each set of keys;
//   times are us since 1970 UTC
UNWIND $rows.run_ids AS run_id
MATCH (r:Run {run_id: run_id})
WITH r, properties(r) AS o
WITH r, o, o.created_at AS created_at, o.updated_at AS updated_at,
  [key IN keys(o) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'] AS keys
WHERE datetime('1678') <= created_at < datetime('2262')
RETURN keys, collect([
    o.run_id, r:External, created_at.epochMillis * 1000 + created_at.microsecond % 1000,
    CASE WHEN datetime('1678') <= updated_at < datetime('2262')
      THEN updated_at.epochMillis * 1000 + updated_at.microsecond % 1000 END,
    [key IN keys | o[key]], [], []
  ] + CASE WHEN o.`graphtracker.forgotten` IS NULL AND (r:External OR ($as_of IS NULL AND o.reported_at = created_at
      AND o.`context.started_at` IS NULL AND o.`context.ended_at` IS NULL)) THEN [] ELSE [
    CASE WHEN datetime('1678') <= o.reported_at < datetime('2262')
      THEN o.reported_at.epochMillis * 1000 + o.reported_at.microsecond % 1000 END,
    o.`graphtracker.forgotten`,
    CASE WHEN datetime('1678') <= o.`context.started_at` < datetime('2262')
      THEN o.`context.started_at`.epochMillis * 1000 + o.`context.started_at`.microsecond % 1000 END,
    CASE WHEN datetime('1678') <= o.`context.ended_at` < datetime('2262')
      THEN o.`context.ended_at`.epochMillis * 1000 + o.`context.ended_at`.microsecond % 1000 END,
    CASE WHEN $as_of IS NOT NULL THEN o.`graphtracker.clock` END
  ] END
) AS rows
