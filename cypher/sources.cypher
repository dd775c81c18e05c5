// What a run names as its sources, and when it did so first (null where that is no time of ours).
//
// Parameters
//   $run_id  STRING
// Columns: created_at INTEGER (of the run), runs LIST OF [run_id, created_at], artifacts LIST OF [run_id, name, created_at];
//   times are us since 1970 UTC
MATCH (r:Run {run_id: $run_id})
WITH DISTINCT r WHERE datetime('1678') <= r.created_at < datetime('2262')
RETURN r.created_at.epochMillis * 1000 + r.created_at.microsecond % 1000 AS created_at,
  [(r)-[d:DERIVED_FROM]->(p)
   WHERE 'Run' IN labels(p) AND datetime('1678') <= p.created_at < datetime('2262')
   | [p.run_id, CASE WHEN datetime('1678') <= d.created_at < datetime('2262') THEN d.created_at.epochMillis * 1000 + d.created_at.microsecond % 1000 END]
  ] AS runs,
  [(r)-[u:USED]->(a:Artifact) WHERE datetime('1678') <= a.created_at < datetime('2262')
   | [a.run_id, a.name, CASE WHEN datetime('1678') <= u.created_at < datetime('2262') THEN u.created_at.epochMillis * 1000 + u.created_at.microsecond % 1000 END]
  ] AS artifacts
