// Finds the newest runs.
//
// Parameters: none
// Columns: none
CREATE INDEX graphtracker_v2_run_created_at IF NOT EXISTS
FOR (r:Run) ON (r.created_at)
