// Makes an artifact unique by the id of its run and its name.
//
// Parameters: none
// Columns: none
CREATE CONSTRAINT graphtracker_v2_artifact IF NOT EXISTS
FOR (a:Artifact) REQUIRE (a.run_id, a.name) IS UNIQUE
