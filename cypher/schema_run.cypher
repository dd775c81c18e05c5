// Makes a run unique by its id; the name of the constraint carries the version of the schema.
//
// Parameters: none
// Columns: none
CREATE CONSTRAINT graphtracker_v2_run_id IF NOT EXISTS
FOR (r:Run) REQUIRE r.run_id IS UNIQUE
