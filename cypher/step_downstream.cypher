// The runs one source after any of these.
//
// Parameters
//   $run_ids  LIST OF STRING
//   $limit    INTEGER
// Columns: run_ids LIST OF STRING; where there are more than the limit, the first by UTF-16 unit, and all those in which
//   that order may differ from the order of code points
UNWIND $run_ids AS run_id
MATCH (r:Run {run_id: run_id})
CALL (r) {
  MATCH (r)<-[:GENERATED_BY]-(a:Artifact)<-[:USED]-(n:Run) WHERE a.run_id = r.run_id RETURN n
  UNION ALL
  MATCH (r)<-[:DERIVED_FROM]-(n:Run) RETURN n
}
WITH collect(DISTINCT n.run_id) AS found
CALL (found) {
  UNWIND found AS run_id
  WITH run_id ORDER BY run_id LIMIT $limit
  RETURN collect(run_id) AS first
}
RETURN CASE
  WHEN size(found) <= $limit THEN found
  ELSE first + [run_id IN found WHERE run_id =~ "(?s).*[\\uD800-\\uFFFF].*"]
END AS run_ids
