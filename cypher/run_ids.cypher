// The runs that reported.
//
// Parameters
//   $as_of   DATETIME, or null for now
// Columns: rows LIST OF [run_id, created_at (us since 1970 UTC)]
MATCH (r:Run)
WHERE NOT r:External AND datetime('1678') <= r.created_at < datetime('2262') AND r.run_id IS :: STRING NOT NULL
  AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= r.reported_at < datetime('2262') THEN r.reported_at ELSE r.created_at END <= $as_of)
RETURN collect([r.run_id, r.created_at.epochMillis * 1000 + r.created_at.microsecond % 1000]) AS rows
