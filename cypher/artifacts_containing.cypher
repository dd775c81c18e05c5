// The artifacts whose names, paths or places contain a text, those that are there: logged, or named by a source.
//
// Parameters
//   $text  STRING
// Columns: rows LIST OF [run_id, name, path, place (null where it is the path), time (us since 1970 UTC) of the log that
//   stands, else of when they were first named]
MATCH (a:Artifact)
WHERE a.name CONTAINS $text OR a.path CONTAINS $text OR coalesce(a.`graphtracker.place`, a.place) CONTAINS $text
WITH a, a.created_at AS created_at
WHERE datetime('1678') <= created_at < datetime('2262') AND a.run_id IS :: STRING NOT NULL AND a.name IS :: STRING NOT NULL
WITH a, NOT a:Declared AND (a.path IS :: STRING NOT NULL OR a.`graphtracker.forgotten` IN ['values', 'run']) AS logged
WITH a, logged WHERE logged OR NOT a:Declared OR EXISTS {
  MATCH (a)<-[:USED]-(c)
  WITH DISTINCT c WHERE 'Run' IN labels(c) AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
  RETURN c
}
WITH a, CASE WHEN NOT logged THEN a.created_at
  WHEN datetime('1678') <= a.updated_at < datetime('2262') THEN a.updated_at
  WHEN datetime('1678') <= a.logged_at < datetime('2262') THEN a.logged_at
  ELSE a.created_at END AS time
RETURN collect([
  a.run_id, a.name, a.path, CASE WHEN a.place <> a.path THEN coalesce(a.`graphtracker.place`, a.place) END,
  time.epochMillis * 1000 + time.microsecond % 1000
]) AS rows
