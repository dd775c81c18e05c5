// All that these runs recorded, and when others spoke of them.
//
// Parameters
//   $rows    MAP of run_ids: LIST OF STRING
//   $own     LIST OF STRING; properties that are neither metadata nor read by their keys
// Columns: run_id STRING, external BOOLEAN, created_at, reported_at, updated_at INTEGER (us since 1970 UTC), forgotten STRING
//   (what of it), forgotten_at, started_at, ended_at INTEGER, clock LIST OF STRING (stamp, space, property),
//   properties LIST OF [property, value], artifacts LIST OF [name, declared, path, place, created_at, logged_at, clock,
//   forgotten, LIST OF [property, value]], used LIST OF [source run id, artifact name, created_at],
//   derived LIST OF [source run id, created_at]
UNWIND $rows.run_ids AS run_id
MATCH (r:Run {run_id: run_id})
WITH DISTINCT r
WHERE datetime('1678') <= r.created_at < datetime('2262') OR r.`graphtracker.forgotten` IN ['values', 'run']
RETURN r.run_id AS run_id, 'External' IN labels(r) AS external,
  CASE WHEN datetime('1678') <= r.created_at < datetime('2262')
    THEN r.created_at.epochMillis * 1000 + r.created_at.microsecond % 1000 END AS created_at,
  CASE WHEN datetime('1678') <= r.reported_at < datetime('2262')
    THEN r.reported_at.epochMillis * 1000 + r.reported_at.microsecond % 1000 END AS reported_at,
  CASE WHEN datetime('1678') <= r.updated_at < datetime('2262')
    THEN r.updated_at.epochMillis * 1000 + r.updated_at.microsecond % 1000 END AS updated_at,
  r.`graphtracker.forgotten` AS forgotten,
  CASE WHEN datetime('1678') <= r.`graphtracker.forgotten_at` < datetime('2262')
    THEN r.`graphtracker.forgotten_at`.epochMillis * 1000 + r.`graphtracker.forgotten_at`.microsecond % 1000 END AS forgotten_at,
  CASE WHEN datetime('1678') <= r.`context.started_at` < datetime('2262')
    THEN r.`context.started_at`.epochMillis * 1000 + r.`context.started_at`.microsecond % 1000 END AS started_at,
  CASE WHEN datetime('1678') <= r.`context.ended_at` < datetime('2262')
    THEN r.`context.ended_at`.epochMillis * 1000 + r.`context.ended_at`.microsecond % 1000 END AS ended_at,
  r.`graphtracker.clock` AS clock,
  [key IN keys(r) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.' | [key, r[key]]] AS properties,
  COLLECT {
    MATCH (r)<-[:GENERATED_BY]-(a) WHERE a.run_id = r.run_id AND 'Artifact' IN labels(a)
      AND datetime('1678') <= a.created_at < datetime('2262')
    RETURN [
      a.name, 'Declared' IN labels(a), a.path, coalesce(a.`graphtracker.place`, a.place),
      a.created_at.epochMillis * 1000 + a.created_at.microsecond % 1000,
      CASE WHEN datetime('1678') <= a.logged_at < datetime('2262')
        THEN a.logged_at.epochMillis * 1000 + a.logged_at.microsecond % 1000 END,
      a.`graphtracker.clock`, a.`graphtracker.forgotten`,
      [key IN keys(a) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.' | [key, a[key]]]
    ]
  } AS artifacts,
  [(r)-[u:USED]->(a:Artifact) WHERE datetime('1678') <= a.created_at < datetime('2262')
   | [a.run_id, a.name, CASE WHEN datetime('1678') <= u.created_at < datetime('2262')
      THEN u.created_at.epochMillis * 1000 + u.created_at.microsecond % 1000 END]] AS used,
  [(r)-[d:DERIVED_FROM]->(p)
   WHERE 'Run' IN labels(p) AND datetime('1678') <= p.created_at < datetime('2262')
   | [p.run_id, CASE WHEN datetime('1678') <= d.created_at < datetime('2262')
      THEN d.created_at.epochMillis * 1000 + d.created_at.microsecond % 1000 END]] AS derived
