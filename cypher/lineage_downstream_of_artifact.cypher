// The run of an artifact and everything that was made from that artifact: from its run the walk goes to the artifact and
// to those consumers of the whole run that mean it.
//
// Parameters
//   $run_id  STRING
//   $name    STRING
//   $whole   LIST OF STRING; ids of the runs that name the whole run and none of its artifacts
//   $as_of   DATETIME, or null for now
//   $own     LIST OF STRING; properties that are neither metadata nor read by their keys
// Columns: is_run BOOLEAN, keys LIST OF STRING, rows: as of runs_with_sources, and as of artifacts; one row for each kind
//   and set of keys
MATCH (s:Run {run_id: $run_id})(
  (a)<-[l:USED|GENERATED_BY|DERIVED_FROM]-(b)
  WHERE ('Run' IN labels(b) OR 'Artifact' IN labels(b))
    AND (NOT a:Run OR a.run_id <> $run_id OR (b:Artifact AND b.name = $name) OR (b:Run AND b.run_id IN $whole))
    AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= l.created_at < datetime('2262') THEN l.created_at ELSE b.created_at END <= $as_of)
)*(n)
WITH DISTINCT n
WITH n, n.created_at AS created_at, n.updated_at AS updated_at, n:Run AS is_run,
  [key IN keys(n) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'] AS keys
WHERE datetime('1678') <= created_at < datetime('2262')
RETURN is_run, keys, collect(CASE WHEN is_run THEN [
    n.run_id, n:External, created_at.epochMillis * 1000 + created_at.microsecond % 1000,
    CASE WHEN datetime('1678') <= updated_at < datetime('2262') THEN updated_at.epochMillis * 1000 + updated_at.microsecond % 1000 END,
    [key IN keys | n[key]],
    CASE WHEN n.reported_at <> created_at AND datetime('1678') <= n.reported_at < datetime('2262')
      THEN n.reported_at.epochMillis * 1000 + n.reported_at.microsecond % 1000 END,
    n.`graphtracker.forgotten`,
    CASE WHEN datetime('1678') <= n.`context.started_at` < datetime('2262')
      THEN n.`context.started_at`.epochMillis * 1000 + n.`context.started_at`.microsecond % 1000 END,
    CASE WHEN datetime('1678') <= n.`context.ended_at` < datetime('2262')
      THEN n.`context.ended_at`.epochMillis * 1000 + n.`context.ended_at`.microsecond % 1000 END,
    CASE WHEN $as_of IS NOT NULL THEN n.`graphtracker.clock` END,
    [(n)-[d:DERIVED_FROM]->(p:Run)
      | [p.run_id, CASE WHEN d.created_at <> created_at AND datetime('1678') <= d.created_at < datetime('2262')
                     THEN d.created_at.epochMillis * 1000 + d.created_at.microsecond % 1000 END]],
    [(n)-[u:USED]->(a:Artifact)
      | [a.run_id, a.name, CASE WHEN u.created_at <> created_at AND datetime('1678') <= u.created_at < datetime('2262')
                             THEN u.created_at.epochMillis * 1000 + u.created_at.microsecond % 1000 END]]
] ELSE [
    n.run_id, n:Declared, created_at.epochMillis * 1000 + created_at.microsecond % 1000,
    CASE WHEN datetime('1678') <= updated_at < datetime('2262') THEN updated_at.epochMillis * 1000 + updated_at.microsecond % 1000 END,
    [key IN keys | n[key]],
    n.name, n.path,
    CASE WHEN n.place <> n.path THEN coalesce(n.`graphtracker.place`, n.place) END,
    CASE WHEN n.logged_at <> created_at AND datetime('1678') <= n.logged_at < datetime('2262')
      THEN n.logged_at.epochMillis * 1000 + n.logged_at.microsecond % 1000 END,
    n.`graphtracker.forgotten`,
    CASE WHEN $as_of IS NOT NULL THEN n.`graphtracker.clock` END
] END) AS rows
