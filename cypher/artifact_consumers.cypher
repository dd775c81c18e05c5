// The runs that name each of these artifacts as a source, and whether it is there: logged, or named by one.
//
// Parameters
//   $rows    MAP of keys: LIST OF [run_id, name]
//   $as_of   DATETIME, or null for now
// Columns: key [run_id, name], run_ids LIST OF STRING, logged BOOLEAN; no row where nothing ever spoke of the artifact
UNWIND $rows.keys AS key
MATCH (a:Artifact {run_id: key[0], name: key[1]})
WITH DISTINCT key, a WHERE datetime('1678') <= a.created_at < datetime('2262')
RETURN key, [
  (a)<-[u:USED]-(c)
  WHERE 'Run' IN labels(c) AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
    AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= u.created_at < datetime('2262') THEN u.created_at ELSE c.created_at END <= $as_of)
  | c.run_id
] AS run_ids, NOT 'Declared' IN labels(a) AS logged
