// The runs that only others named, as a source.
//
// Parameters: none
// Columns: run_ids LIST OF STRING
MATCH (r:Run:External)
WHERE datetime('1678') <= r.created_at < datetime('2262') AND r.run_id IS :: STRING NOT NULL
RETURN collect(r.run_id) AS run_ids
