// All artifacts of runs.
//
// Parameters
//   $run_ids  LIST OF STRING
//   $own      LIST OF STRING; properties that are no metadata
// Columns: keys LIST OF STRING (of metadata), rows LIST OF [run_id, declared, created_at, updated_at (us since 1970 UTC),
//   values of the keys, name, path]; one row for each set of keys
UNWIND $run_ids AS run_id
MATCH (r:Run {run_id: run_id})
MATCH (r)<-[:GENERATED_BY]-(a) WHERE a.run_id = run_id AND a.name IS NOT NULL AND 'Artifact' IN labels(a)
WITH a, [key IN keys(a) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'] AS keys
RETURN keys, collect([
    a.run_id, a:Declared, a.created_at.epochMillis * 1000 + a.created_at.microsecond % 1000,
    a.updated_at.epochMillis * 1000 + a.updated_at.microsecond % 1000, [key IN keys | a[key]],
    a.name, coalesce(a.`graphtracker.path`, a.path)
]) AS rows
