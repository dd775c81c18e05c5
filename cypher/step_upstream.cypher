// The runs one source before any of these.
//
// Parameters
//   $run_ids  LIST OF STRING
//   $limit    INTEGER
// Columns: run_ids LIST OF STRING; where there are more than the limit, the first by UTF-16 unit, and all those in which
//   that order may differ from the order of code points
UNWIND $run_ids AS run_id
MATCH (r:Run {run_id: run_id})
CALL (r) {
  MATCH (r)-[:USED]->(a) WHERE 'Artifact' IN labels(a) AND datetime('1678') <= a.created_at < datetime('2262')
    AND a.name IS :: STRING NOT NULL
  WITH DISTINCT a MATCH (a)-[:GENERATED_BY]->(n) WHERE a.run_id = n.run_id AND 'Run' IN labels(n) RETURN n
  UNION ALL
  MATCH (r)-[:DERIVED_FROM]->(n) WHERE 'Run' IN labels(n) RETURN n
}
WITH n WHERE datetime('1678') <= n.created_at < datetime('2262') AND n.run_id IS :: STRING NOT NULL
WITH DISTINCT n.run_id AS run_id ORDER BY run_id
WITH collect(run_id) AS found
RETURN CASE
  WHEN size(found) <= $limit THEN found
  ELSE found[..$limit] + [run_id IN found[$limit..] WHERE run_id =~ "(?s).*[\\uD800-\\uFFFF].*"]
END AS run_ids
