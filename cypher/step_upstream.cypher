// The runs one source before any of these.
//
// Parameters
//   $rows    MAP of run_ids: LIST OF STRING
//   $limit   INTEGER
//   $as_of   DATETIME, or null for now
// Columns: run_ids LIST OF STRING; where there are more than the limit, the first by UTF-16 unit, and all those in which
//   that order may differ from the order of code points
UNWIND $rows.run_ids AS run_id
MATCH (r:Run {run_id: run_id})
CALL (r) {
  MATCH (r)-[u:USED]->(a) WHERE 'Artifact' IN labels(a) AND datetime('1678') <= a.created_at < datetime('2262') AND a.name IS :: STRING NOT NULL
    AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= u.created_at < datetime('2262') THEN u.created_at ELSE r.created_at END <= $as_of)
  WITH DISTINCT a MATCH (a)-[:GENERATED_BY]->(p) WHERE a.run_id = p.run_id AND 'Run' IN labels(p) RETURN p
  UNION ALL
  MATCH (r)-[d:DERIVED_FROM]->(p) WHERE 'Run' IN labels(p)
    AND ($as_of IS NULL OR CASE WHEN datetime('1678') <= d.created_at < datetime('2262') THEN d.created_at ELSE r.created_at END <= $as_of)
  RETURN p
}
WITH p WHERE datetime('1678') <= p.created_at < datetime('2262') AND p.run_id IS :: STRING NOT NULL
WITH DISTINCT p.run_id AS run_id ORDER BY run_id
WITH collect(run_id) AS found
RETURN CASE
  WHEN size(found) <= $limit THEN found
  ELSE found[..$limit] + [run_id IN found[$limit..] WHERE run_id =~ "(?s).*[\\uD800-\\uFFFF].*"]
END AS run_ids
