// Those of these properties that a run has which reported.
//
// Parameters
//   $names  LIST OF STRING
// Columns: names LIST OF STRING
MATCH (r:Run)
WHERE datetime('1678') <= r.created_at < datetime('2262') AND NOT r:External AND r.run_id IS :: STRING NOT NULL
UNWIND [name IN keys(r) WHERE name IN $names] AS name
RETURN collect(DISTINCT name) AS names
