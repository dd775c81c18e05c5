// Runs by their ids, each with everything that it names as a source.
//
// Parameters
//   $run_ids LIST OF STRING
//   $as_of   DATETIME, or null for now
//   $own     LIST OF STRING; properties that are neither metadata nor read by their keys
// Columns: keys LIST OF STRING (properties with metadata or context), rows LIST OF [run_id, external, created_at, updated_at,
//   values of the keys, reported_at (null where it is created_at), what of it is forgotten, started_at, ended_at, the
//   clock where as_of is not null, [source run id, created_at] and [source run id, artifact name, created_at] lists
//   (null where it is that of the run)]; one row for each set of keys;
//   times are us since 1970 UTC
UNWIND $run_ids AS run_id
MATCH (r:Run {run_id: run_id})
WITH r, r.created_at AS created_at, r.updated_at AS updated_at,
  [key IN keys(r) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'] AS keys
WHERE datetime('1678') <= created_at < datetime('2262')
RETURN keys, collect([
    r.run_id, r:External, created_at.epochMillis * 1000 + created_at.microsecond % 1000,
    CASE WHEN datetime('1678') <= updated_at < datetime('2262') THEN updated_at.epochMillis * 1000 + updated_at.microsecond % 1000 END,
    [key IN keys | r[key]],
    CASE WHEN r.reported_at <> created_at AND datetime('1678') <= r.reported_at < datetime('2262')
      THEN r.reported_at.epochMillis * 1000 + r.reported_at.microsecond % 1000 END,
    r.`graphtracker.forgotten`,
    CASE WHEN datetime('1678') <= r.`context.started_at` < datetime('2262')
      THEN r.`context.started_at`.epochMillis * 1000 + r.`context.started_at`.microsecond % 1000 END,
    CASE WHEN datetime('1678') <= r.`context.ended_at` < datetime('2262')
      THEN r.`context.ended_at`.epochMillis * 1000 + r.`context.ended_at`.microsecond % 1000 END,
    CASE WHEN $as_of IS NOT NULL THEN r.`graphtracker.clock` END,
    [(r)-[d:DERIVED_FROM]->(p) WHERE 'Run' IN labels(p) AND datetime('1678') <= p.created_at < datetime('2262')
      | [p.run_id, CASE WHEN d.created_at <> created_at AND datetime('1678') <= d.created_at < datetime('2262')
                     THEN d.created_at.epochMillis * 1000 + d.created_at.microsecond % 1000 END]],
    [(r)-[u:USED]->(a:Artifact) WHERE datetime('1678') <= a.created_at < datetime('2262')
      | [a.run_id, a.name, CASE WHEN u.created_at <> created_at AND datetime('1678') <= u.created_at < datetime('2262')
                             THEN u.created_at.epochMillis * 1000 + u.created_at.microsecond % 1000 END]]
]) AS rows
