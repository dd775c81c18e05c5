// The runs that name each of these whole runs as a source, and none of its artifacts.
//
// Parameters
//   $rows    MAP of run_ids: LIST OF STRING
//   $as_of   DATETIME, or null for now
// Columns: run_id STRING, run_ids LIST OF STRING; no row where there are none
UNWIND $rows.run_ids AS run_id
MATCH (p:Run {run_id: run_id})<-[d:DERIVED_FROM]-(c)
WHERE $as_of IS NULL OR CASE WHEN datetime('1678') <= d.created_at < datetime('2262') THEN d.created_at ELSE c.created_at END <= $as_of
WITH DISTINCT p, c
WHERE 'Run' IN labels(c) AND datetime('1678') <= p.created_at < datetime('2262')
  AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
  AND NOT EXISTS {
    MATCH (c)-[u:USED]->(a)-[:GENERATED_BY]->(p) WHERE 'Artifact' IN labels(a) AND a.run_id = p.run_id
      AND datetime('1678') <= a.created_at < datetime('2262') AND a.name IS :: STRING NOT NULL
      AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= u.created_at < datetime('2262') THEN u.created_at ELSE c.created_at END <= $as_of)
  }
RETURN p.run_id AS run_id, collect(c.run_id) AS run_ids
