// The ids of runs, external ones too, that contain a text.
//
// Parameters
//   $text  STRING
// Columns: run_ids LIST OF STRING
MATCH (r:Run) WHERE r.run_id CONTAINS $text AND datetime('1678') <= r.created_at < datetime('2262')
RETURN collect(r.run_id) AS run_ids
