// Those of these runs that have a consumer which was not kept. In a subquery a node is looked at behind a DISTINCT, as
// everywhere where a subquery asks whether something is named: the planner may begin at every node of which much is asked.
//
// Parameters
//   $rows    MAP of run_ids: LIST OF STRING
//   $kept    LIST OF STRING
//   $as_of   DATETIME, or null for now
// Columns: run_ids LIST OF STRING
UNWIND $rows.run_ids AS run_id
MATCH (p:Run {run_id: run_id})
WHERE EXISTS {
  MATCH (p)<-[d:DERIVED_FROM]-(c)
  WITH DISTINCT d, c WHERE 'Run' IN labels(c) AND NOT c.run_id IN $kept AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
    AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= d.created_at < datetime('2262') THEN d.created_at ELSE c.created_at END <= $as_of)
  RETURN c
} OR EXISTS {
  MATCH (p)<-[:GENERATED_BY]-(a) WHERE a.run_id = p.run_id AND 'Artifact' IN labels(a)
    AND datetime('1678') <= a.created_at < datetime('2262') AND a.name IS :: STRING NOT NULL
  WITH DISTINCT a MATCH (a)<-[u:USED]-(c)
  WITH DISTINCT u, c WHERE 'Run' IN labels(c) AND NOT c.run_id IN $kept AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
    AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= u.created_at < datetime('2262') THEN u.created_at ELSE c.created_at END <= $as_of)
  RETURN c
}
RETURN collect(p.run_id) AS run_ids
