// What a run names as its sources, and when it did so first, where that is not when the run was created.
//
// Parameters
//   $run_id  STRING
// Columns: created_at INTEGER (of the run), runs LIST OF run_id or [run_id, created_at], artifacts LIST OF [run_id, name] or
//   [run_id, name, created_at]; times are us since 1970 UTC
MATCH (r:Run {run_id: $run_id})
WITH DISTINCT r, r.created_at AS created_at WHERE datetime('1678') <= r.created_at < datetime('2262')
RETURN created_at.epochMillis * 1000 + created_at.microsecond % 1000 AS created_at,
  [(r)-[d:DERIVED_FROM]->(p)
   WHERE 'Run' IN labels(p) AND datetime('1678') <= p.created_at < datetime('2262')
   | CASE WHEN d.created_at <> created_at AND datetime('1678') <= d.created_at < datetime('2262')
     THEN [p.run_id, d.created_at.epochMillis * 1000 + d.created_at.microsecond % 1000] ELSE p.run_id END
  ] AS runs,
  [(r)-[u:USED]->(a:Artifact) WHERE datetime('1678') <= a.created_at < datetime('2262')
   | CASE WHEN u.created_at <> created_at AND datetime('1678') <= u.created_at < datetime('2262')
     THEN [a.run_id, a.name, u.created_at.epochMillis * 1000 + u.created_at.microsecond % 1000] ELSE [a.run_id, a.name] END
  ] AS artifacts
