// Finds artifacts by their path.
//
// Parameters: none
// Columns: none
CREATE INDEX graphtracker_v1_artifact_path IF NOT EXISTS
FOR (a:Artifact) ON (a.path)
