// The artifacts that a source names and nobody logged.
//
// Parameters: none
// Columns: keys LIST OF [run_id, name]
MATCH (a:Artifact:Declared)
WHERE datetime('1678') <= a.created_at < datetime('2262') AND a.run_id IS :: STRING NOT NULL AND a.name IS :: STRING NOT NULL
WITH a WHERE EXISTS {
  MATCH (a)<-[:USED]-(c)
  WITH DISTINCT c WHERE 'Run' IN labels(c) AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
  RETURN c
}
RETURN collect([a.run_id, a.name]) AS keys
