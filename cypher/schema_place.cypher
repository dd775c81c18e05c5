// Finds artifacts by their place.
//
// Parameters: none
// Columns: none
CREATE INDEX graphtracker_v2_artifact_place IF NOT EXISTS
FOR (a:Artifact) ON (a.place)
