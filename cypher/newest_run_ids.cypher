// The newest runs that reported, and all that are as old as the oldest of them.
//
// Parameters
//   $limit   INTEGER, at least 1
//   $as_of   DATETIME, or null for now
// Columns: rows LIST OF [run_id, created_at (us since 1970 UTC)]
MATCH (r:Run)
WHERE datetime('1678') <= r.created_at < datetime('2262') AND NOT r:External AND r.run_id IS :: STRING NOT NULL
  AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= r.reported_at < datetime('2262') THEN r.reported_at ELSE r.created_at END <= $as_of)
WITH r.created_at AS created_at ORDER BY created_at DESC LIMIT $limit
WITH min(created_at) AS oldest
MATCH (r:Run) WHERE oldest <= r.created_at < datetime('2262') AND NOT r:External AND r.run_id IS :: STRING NOT NULL
  AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= r.reported_at < datetime('2262') THEN r.reported_at ELSE r.created_at END <= $as_of)
RETURN collect([r.run_id, r.created_at.epochMillis * 1000 + r.created_at.microsecond % 1000]) AS rows
