// What the runs have under a metadata key: every value, or those that may match.
//
// Parameters
//   $key     STRING; the property
//   $any     BOOLEAN; every value
//   $values  LIST OF ANY; else those equal to one of these, and those kept as JSON text
//   $as_of   DATETIME, or null for now
// Columns: rows LIST OF [run_id, value, and where as_of is not null the clock]
MATCH (r:Run)
WHERE NOT r:External AND datetime('1678') <= r.created_at < datetime('2262') AND r.run_id IS :: STRING NOT NULL
  AND r[$key] IS NOT NULL
  AND ($any OR r[$key] IN $values OR r[$key] STARTS WITH 'json:')
RETURN collect(CASE WHEN $as_of IS NULL THEN [r.run_id, r[$key]] ELSE [r.run_id, r[$key], r.`graphtracker.clock`] END) AS rows
