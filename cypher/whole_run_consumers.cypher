// The runs that name the whole run as a source, and none of its artifacts.
//
// Parameters
//   $run_id  STRING
// Columns: run_ids LIST OF STRING
MATCH (p:Run {run_id: $run_id})<-[:DERIVED_FROM]-(c)
WITH DISTINCT p, c
WHERE 'Run' IN labels(c) AND datetime('1678') <= p.created_at < datetime('2262')
  AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
  AND NOT EXISTS { MATCH (c)-[:USED]->(a)-[:GENERATED_BY]->(p) WHERE 'Artifact' IN labels(a) AND a.run_id = $run_id
                   AND datetime('1678') <= a.created_at < datetime('2262') AND a.name IS :: STRING NOT NULL }
RETURN collect(c.run_id) AS run_ids
