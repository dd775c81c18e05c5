// Those of these runs that are forgotten.
//
// Parameters
//   $rows    MAP of run_ids: LIST OF STRING
// Columns: run_ids LIST OF STRING
UNWIND $rows.run_ids AS run_id
MATCH (r:Run {run_id: run_id})
WITH DISTINCT r WHERE r.`graphtracker.forgotten` IN ['values', 'run']
RETURN collect(r.run_id) AS run_ids
