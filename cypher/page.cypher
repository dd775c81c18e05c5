// The ids of the next runs that reported.
//
// Parameters
//   $after  STRING; the last id of the page before, or empty
//   $limit  INTEGER; runs
// Columns: run_ids LIST OF STRING, in order
MATCH (r:Run) WHERE r.run_id > $after AND NOT r:External
WITH r.run_id AS run_id ORDER BY run_id LIMIT $limit
RETURN collect(run_id) AS run_ids
