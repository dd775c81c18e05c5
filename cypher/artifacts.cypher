// Artifacts by the id of their run and their name, those that are there: logged, or named by a source.
//
// Parameters
//   $rows    MAP of keys: LIST OF [run_id, name]
//   $as_of   DATETIME, or null for now
//   $own     LIST OF STRING; properties that are neither metadata nor read by their keys
// Columns: keys LIST OF STRING (properties with metadata), rows LIST OF [run_id, declared, created_at, updated_at, values of
//   the keys, name, path, and of some also place (null where it is the path), logged_at, what of it is forgotten, the clock
//   where as_of is not null]; one row for each set of keys; times are us since 1970 UTC
UNWIND $rows.keys AS wanted
MATCH (a:Artifact {run_id: wanted[0], name: wanted[1]})
WITH a, properties(a) AS o
WITH a, o, o.created_at AS created_at, o.updated_at AS updated_at,
  [key IN keys(o) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'] AS keys
WHERE datetime('1678') <= created_at < datetime('2262')
  AND (
    (NOT 'Declared' IN labels(a)
      AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= a.logged_at < datetime('2262') THEN a.logged_at ELSE created_at END <= $as_of))
    OR EXISTS {
      MATCH (a)<-[u:USED]-(c)
      WITH DISTINCT u, c WHERE 'Run' IN labels(c) AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
        AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= u.created_at < datetime('2262') THEN u.created_at ELSE c.created_at END <= $as_of)
      RETURN c
    }
  )
RETURN keys, collect([
    o.run_id, a:Declared, created_at.epochMillis * 1000 + created_at.microsecond % 1000,
    CASE WHEN datetime('1678') <= updated_at < datetime('2262')
      THEN updated_at.epochMillis * 1000 + updated_at.microsecond % 1000 END,
    [key IN keys | o[key]], o.name, o.path
  ] + CASE WHEN a:Declared OR ($as_of IS NULL AND o.place = o.path AND o.logged_at = created_at) THEN [] ELSE [
    CASE WHEN o.place <> o.path THEN coalesce(o.`graphtracker.place`, o.place) END,
    CASE WHEN datetime('1678') <= o.logged_at < datetime('2262')
      THEN o.logged_at.epochMillis * 1000 + o.logged_at.microsecond % 1000 END,
    o.`graphtracker.forgotten`,
    CASE WHEN $as_of IS NOT NULL THEN o.`graphtracker.clock` END
  ] END
) AS rows
