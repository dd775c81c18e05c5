// Those of these properties that a run has which reported.
//
// Parameters
//   $names  LIST OF STRING
// Columns: names LIST OF STRING
MATCH (r:Run)
WITH r, r.created_at AS created_at
WHERE datetime('1678') <= created_at < datetime('2262') AND NOT 'External' IN labels(r) AND r.run_id IS :: STRING NOT NULL
UNWIND keys(r) AS name
WITH DISTINCT name WHERE name IN $names
RETURN collect(name) AS names
