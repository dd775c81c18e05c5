// Runs and everything that they came from, but for artifacts that only a whole-run source means.
// Labels are compared as text in every walk and step: the planner may begin at a label, but not at a text. Whether a
// node has what ours have (a created_at that may be ours) is asked behind a DISTINCT or of a value that was named before,
// for the same reason: the planner may begin at an index of it. A link that others made without a
// time has that of the node that depends. All properties of a node are read at once: one by one takes a fifth longer.
//
// Parameters
//   $rows    MAP of run_ids: LIST OF STRING
//   $as_of   DATETIME, or null for now
//   $own     LIST OF STRING; properties that are neither metadata nor read by their keys
// Columns: is_run BOOLEAN, keys LIST OF STRING, rows: as of runs_with_sources, and as of artifacts; one row for each kind
//   and set of keys
UNWIND $rows.run_ids AS run_id
MATCH (s:Run {run_id: run_id})(
  (a)-[l:USED|GENERATED_BY|DERIVED_FROM]->(b)
  WHERE ('Run' IN labels(b) OR 'Artifact' IN labels(b))
    AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= l.created_at < datetime('2262') THEN l.created_at ELSE a.created_at END <= $as_of)
)*(n)
WITH DISTINCT n
WITH n, n:Run AS is_run, properties(n) AS o
WITH n, is_run, o, o.created_at AS created_at, o.updated_at AS updated_at,
  [key IN keys(o) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'] AS keys
WHERE datetime('1678') <= created_at < datetime('2262')
RETURN is_run, keys, collect(CASE WHEN is_run THEN [
    o.run_id, n:External, created_at.epochMillis * 1000 + created_at.microsecond % 1000,
    CASE WHEN datetime('1678') <= updated_at < datetime('2262')
      THEN updated_at.epochMillis * 1000 + updated_at.microsecond % 1000 END,
    [key IN keys | o[key]],
    [(n)-[d:DERIVED_FROM]->(p:Run)
      | CASE WHEN d.created_at <> created_at AND datetime('1678') <= d.created_at < datetime('2262')
        THEN [p.run_id, d.created_at.epochMillis * 1000 + d.created_at.microsecond % 1000] ELSE p.run_id END],
    [(n)-[u:USED]->(a:Artifact)
      | CASE WHEN u.created_at <> created_at AND datetime('1678') <= u.created_at < datetime('2262')
        THEN [a.run_id, a.name, u.created_at.epochMillis * 1000 + u.created_at.microsecond % 1000]
        ELSE [a.run_id, a.name] END]
  ] + CASE WHEN o.`graphtracker.forgotten` IS NULL AND (n:External OR ($as_of IS NULL AND o.reported_at = created_at
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
  ELSE [
    o.run_id, n:Declared, created_at.epochMillis * 1000 + created_at.microsecond % 1000,
    CASE WHEN datetime('1678') <= updated_at < datetime('2262')
      THEN updated_at.epochMillis * 1000 + updated_at.microsecond % 1000 END,
    [key IN keys | o[key]], o.name, o.path
  ] + CASE WHEN n:Declared OR ($as_of IS NULL AND o.place = o.path AND o.logged_at = created_at) THEN [] ELSE [
    CASE WHEN o.place <> o.path THEN coalesce(o.`graphtracker.place`, o.place) END,
    CASE WHEN datetime('1678') <= o.logged_at < datetime('2262')
      THEN o.logged_at.epochMillis * 1000 + o.logged_at.microsecond % 1000 END,
    o.`graphtracker.forgotten`,
    CASE WHEN $as_of IS NOT NULL THEN o.`graphtracker.clock` END
  ] END
  END) AS rows
