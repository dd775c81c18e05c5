// The ids of the next runs, all that ever were: also those that are forgotten, or that only such a run spoke of.
//
// Parameters
//   $after  STRING; the last id of the page before, or empty
//   $limit  INTEGER; runs
// Columns: run_ids LIST OF STRING, in order
MATCH (r:Run) WHERE r.run_id > $after
WITH r.run_id AS run_id, r.created_at AS created_at, r.`graphtracker.forgotten` AS forgotten
WHERE datetime('1678') <= created_at < datetime('2262') OR forgotten IN ['values', 'run']
WITH run_id ORDER BY run_id LIMIT $limit
RETURN collect(run_id) AS run_ids
