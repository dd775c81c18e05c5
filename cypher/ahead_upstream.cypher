// The nearest runs before these, a few hundred steps at once, each with the runs one source before it.
//
// Parameters
//   $rows    MAP of run_ids: LIST OF STRING
//   $limit   INTEGER; runs
//   $next    INTEGER; ids one step on of each
//   $as_of   DATETIME, or null for now
// Columns: steps LIST OF [run_id, LIST OF STRING (ids one source on, at most so many)]
UNWIND $rows.run_ids AS run_id
MATCH (s:Run {run_id: run_id})(
  (a)-[l:USED|GENERATED_BY|DERIVED_FROM]->(b)
  WHERE ('Run' IN labels(b) OR 'Artifact' IN labels(b))
    AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= l.created_at < datetime('2262') THEN l.created_at ELSE a.created_at END <= $as_of)
){0,400}(n)
WITH DISTINCT n
WITH n WHERE n:Run AND datetime('1678') <= n.created_at < datetime('2262') AND n.run_id IS :: STRING NOT NULL LIMIT $limit
RETURN collect([n.run_id, COLLECT {
  CALL (n) {
    MATCH (n)-[u:USED]->(a) WHERE 'Artifact' IN labels(a) AND datetime('1678') <= a.created_at < datetime('2262') AND a.name IS :: STRING NOT NULL
      AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= u.created_at < datetime('2262') THEN u.created_at ELSE n.created_at END <= $as_of)
    WITH DISTINCT a MATCH (a)-[:GENERATED_BY]->(p) WHERE a.run_id = p.run_id AND 'Run' IN labels(p) RETURN p
    UNION ALL
    MATCH (n)-[d:DERIVED_FROM]->(p) WHERE 'Run' IN labels(p)
      AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= d.created_at < datetime('2262') THEN d.created_at ELSE n.created_at END <= $as_of)
    RETURN p
  }
  WITH p WHERE datetime('1678') <= p.created_at < datetime('2262') AND p.run_id IS :: STRING NOT NULL
  RETURN p.run_id LIMIT $next
}]) AS steps
