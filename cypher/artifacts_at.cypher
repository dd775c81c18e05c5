// The logged artifacts that lie at one of these paths; long paths are indexed, and compared here, by their beginning.
//
// Parameters
//   $paths  LIST OF STRING
//   $own    LIST OF STRING; properties that are no metadata
// Columns: keys LIST OF STRING (of metadata), rows LIST OF [run_id, declared, created_at, updated_at (us since 1970 UTC),
//   values of the keys, name, path]; one row for each set of keys
UNWIND $paths AS path
MATCH (a:Artifact {path: path}) USING INDEX SEEK a:Artifact(path)
WHERE NOT 'Declared' IN labels(a) AND a.run_id IS NOT NULL AND a.name IS NOT NULL
WITH a, [key IN keys(a) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'] AS keys
RETURN keys, collect([
    a.run_id, a:Declared, a.created_at.epochMillis * 1000 + a.created_at.microsecond % 1000,
    a.updated_at.epochMillis * 1000 + a.updated_at.microsecond % 1000, [key IN keys | a[key]],
    a.name, coalesce(a.`graphtracker.path`, a.path)
]) AS rows
