// The runs that name an artifact as a source.
//
// Parameters
//   $run_id  STRING
//   $name    STRING
// Columns: run_ids LIST OF STRING; no row where nobody logged or named the artifact
MATCH (a:Artifact {run_id: $run_id, name: $name})
WITH DISTINCT a WHERE datetime('1678') <= a.created_at < datetime('2262')
RETURN [
  (a)<-[:USED]-(c)
  WHERE 'Run' IN labels(c) AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
  | c.run_id
] AS run_ids
