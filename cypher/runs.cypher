// Runs by their ids.
//
// Parameters
//   $run_ids  LIST OF STRING
//   $own      LIST OF STRING; properties that are no metadata
// Columns: keys LIST OF STRING (of metadata), rows LIST OF [run_id, external, created_at, updated_at (us since 1970 UTC),
//   values of the keys]; one row for each set of keys
UNWIND $run_ids AS run_id
MATCH (r:Run {run_id: run_id})
WITH r, r.created_at AS created_at, r.updated_at AS updated_at,
  [key IN keys(r) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'] AS keys
WHERE datetime('1678') <= created_at < datetime('2262')
RETURN keys, collect([
    r.run_id, r:External, created_at.epochMillis * 1000 + created_at.microsecond % 1000,
    CASE WHEN datetime('1678') <= updated_at < datetime('2262')
      THEN updated_at.epochMillis * 1000 + updated_at.microsecond % 1000 END, [key IN keys | r[key]]
]) AS rows
