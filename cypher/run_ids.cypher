// The runs that reported.
//
// Parameters: none
// Columns: rows LIST OF [run_id, created_at (us since 1970 UTC)]
MATCH (r:Run) WHERE NOT r:External AND r.run_id IS NOT NULL
RETURN collect([r.run_id, r.created_at.epochMillis * 1000 + r.created_at.microsecond % 1000]) AS rows
