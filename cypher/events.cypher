// Those of these runs that reported, with all that each recorded.
//
// Parameters
//   $run_ids  LIST OF STRING
//   $own      LIST OF STRING; properties that are no metadata
// Columns: run_id STRING, created_at, updated_at INTEGER (us since 1970 UTC), clock LIST OF STRING (stamp, space, key),
//   metadata LIST OF [key, value], artifacts LIST OF [name, path, created_at, stamp, LIST OF [key, value]],
//   used LIST OF [source run id, artifact name, created_at], derived LIST OF [source run id, created_at]
UNWIND $run_ids AS run_id
MATCH (r:Run {run_id: run_id})
WITH DISTINCT r WHERE NOT 'External' IN labels(r) AND datetime('1678') <= r.created_at < datetime('2262')
RETURN r.run_id AS run_id,
  r.created_at.epochMillis * 1000 + r.created_at.microsecond % 1000 AS created_at,
  CASE WHEN datetime('1678') <= r.updated_at < datetime('2262')
      THEN r.updated_at.epochMillis * 1000 + r.updated_at.microsecond % 1000 END AS updated_at,
  r.`graphtracker.clock` AS clock,
  [key IN keys(r)
   WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'
   | [key, r[key]]] AS metadata,
  COLLECT {
    MATCH (r)<-[:GENERATED_BY]-(a) WHERE a.run_id = r.run_id AND 'Artifact' IN labels(a) AND NOT 'Declared' IN labels(a)
      AND datetime('1678') <= a.created_at < datetime('2262')
    RETURN [
      a.name, coalesce(a.`graphtracker.path`, a.path),
      a.created_at.epochMillis * 1000 + a.created_at.microsecond % 1000, a.`graphtracker.clock`,
      [key IN keys(a)
       WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'
       | [key, a[key]]]
    ]
  } AS artifacts,
  [(r)-[u:USED]->(a:Artifact) WHERE datetime('1678') <= a.created_at < datetime('2262')
   | [a.run_id, a.name, CASE WHEN datetime('1678') <= u.created_at < datetime('2262')
      THEN u.created_at.epochMillis * 1000 + u.created_at.microsecond % 1000 END]] AS used,
  [(r)-[d:DERIVED_FROM]->(p)
   WHERE 'Run' IN labels(p) AND datetime('1678') <= p.created_at < datetime('2262')
   | [p.run_id, CASE WHEN datetime('1678') <= d.created_at < datetime('2262')
      THEN d.created_at.epochMillis * 1000 + d.created_at.microsecond % 1000 END]] AS derived
