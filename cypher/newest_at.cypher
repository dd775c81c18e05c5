// Of the logged artifacts at each of these places those of the newest log, and those of the newest of another run; all of
// them where several are as new. Long places are indexed by their beginning, and compared here as a whole.
//
// Parameters
//   $rows    MAP of wanted: LIST OF [what of the place is indexed, the place]
//   $as_of   DATETIME, or null for now
//   $own     LIST OF STRING; properties that are neither metadata nor read by their keys
// Columns: keys LIST OF STRING (properties with metadata), rows LIST OF [run_id, declared, created_at, updated_at, values of
//   the keys, name, path, and of some also place (null where it is the path), logged_at, what of it is forgotten, the clock
//   where as_of is not null]; one row for each set of keys; times are us since 1970 UTC
UNWIND $rows.wanted AS wanted
CALL (wanted) {
  MATCH (a:Artifact {place: wanted[0]}) USING INDEX SEEK a:Artifact(place)
  WHERE NOT 'Declared' IN labels(a) AND coalesce(a.`graphtracker.place`, a.place) = wanted[1]
    AND datetime('1678') <= a.created_at < datetime('2262')
    AND a.run_id IS :: STRING NOT NULL AND a.name IS :: STRING NOT NULL AND a.path IS :: STRING NOT NULL
  WITH a.run_id AS run_id, CASE
      WHEN datetime('1678') <= a.updated_at < datetime('2262') THEN a.updated_at
      WHEN datetime('1678') <= a.logged_at < datetime('2262') THEN a.logged_at
      ELSE a.created_at END AS logged
  WITH run_id, max(logged.epochMillis * 1000 + logged.microsecond % 1000) AS time ORDER BY time DESC LIMIT 2
  RETURN collect(time) AS times
}
MATCH (a:Artifact {place: wanted[0]}) USING INDEX SEEK a:Artifact(place)
WHERE NOT 'Declared' IN labels(a) AND coalesce(a.`graphtracker.place`, a.place) = wanted[1]
WITH a, times, CASE
      WHEN datetime('1678') <= a.updated_at < datetime('2262') THEN a.updated_at
      WHEN datetime('1678') <= a.logged_at < datetime('2262') THEN a.logged_at
      ELSE a.created_at END AS logged
WHERE logged.epochMillis * 1000 + logged.microsecond % 1000 IN times
WITH a, properties(a) AS o
WITH a, o, o.created_at AS created_at, o.updated_at AS updated_at,
  [key IN keys(o) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'] AS keys
WHERE datetime('1678') <= created_at < datetime('2262')
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
