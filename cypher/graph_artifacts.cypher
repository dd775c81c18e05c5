// Every artifact.
//
// Parameters
//   $own  LIST OF STRING; properties that are no metadata
// Columns: keys LIST OF STRING (of metadata), rows LIST OF [run_id, declared, created_at, updated_at (us since 1970 UTC),
//   values of the keys, name, path]; one row for each set of keys
MATCH (a:Artifact)
WITH a, a.created_at AS created_at, a.updated_at AS updated_at,
  [key IN keys(a) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'] AS keys
WHERE datetime('1678') <= created_at < datetime('2262')
RETURN keys, collect([
    a.run_id, a:Declared, created_at.epochMillis * 1000 + created_at.microsecond % 1000,
    CASE WHEN datetime('1678') <= updated_at < datetime('2262')
      THEN updated_at.epochMillis * 1000 + updated_at.microsecond % 1000 END, [key IN keys | a[key]],
    a.name, coalesce(a.`graphtracker.path`, a.path)
]) AS rows
