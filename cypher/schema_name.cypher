// Finds runs by their names, or by how these begin.
//
// Parameters: none
// Columns: none
CREATE INDEX graphtracker_v2_run_name IF NOT EXISTS
FOR (r:Run) ON (r.name)
