// Runs by their ids.
//
// Parameters
//   $run_ids  LIST OF STRING
//   $own      LIST OF STRING; properties that are no metadata
// Columns: keys LIST OF STRING (of metadata), rows LIST OF [run_id, external, created_at, updated_at (us since 1970 UTC),
//   values of the keys]; one row for each set of keys
UNWIND $run_ids AS run_id
MATCH (r:Run {run_id: run_id})
WITH r, [key IN keys(r) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'] AS keys
RETURN keys, collect([
    r.run_id, r:External, r.created_at.epochMillis * 1000 + r.created_at.microsecond % 1000,
    r.updated_at.epochMillis * 1000 + r.updated_at.microsecond % 1000, [key IN keys | r[key]]
]) AS rows
