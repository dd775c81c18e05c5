// The runs that name an artifact as a source, and whether it is there: logged, or named by one.
//
// Parameters
//   $run_id  STRING
//   $name    STRING
//   $as_of   DATETIME, or null for now
// Columns: run_ids LIST OF STRING, logged BOOLEAN; no row where nothing ever spoke of the artifact
MATCH (a:Artifact {run_id: $run_id, name: $name})
WITH DISTINCT a WHERE datetime('1678') <= a.created_at < datetime('2262')
RETURN [
  (a)<-[u:USED]-(c)
  WHERE 'Run' IN labels(c) AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
    AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= u.created_at < datetime('2262') THEN u.created_at ELSE c.created_at END <= $as_of)
  | c.run_id
] AS run_ids, NOT 'Declared' IN labels(a) AS logged
