// Common ancestors
//
// The nearest that two runs both came from, or are: nothing else that they share was made from it.
// Leaves out what lies on a cycle, and the artifacts of a run that only a whole-run source means.
// Parameters, whose lines are run first, with your own values
//   $run_id  STRING
//     :param run_id => "local_cwd://torchx/train-p2qd"
//   $other_run_id  STRING
//     :param other_run_id => "local_cwd://torchx/train-x7mw"
MATCH (one:Run {run_id: $run_id}), (other:Run {run_id: $other_run_id})
CALL (one, other) {
  MATCH (one)(()-[:USED|GENERATED_BY|DERIVED_FROM]->(:Run|Artifact))*(n)
  RETURN DISTINCT n
  UNION ALL
  MATCH (other)(()-[:USED|GENERATED_BY|DERIVED_FROM]->(:Run|Artifact))*(n)
  RETURN DISTINCT n
}
WITH one, other, n, count(*) AS walks WHERE walks = 2
WITH one, other, collect(n) AS shared
CALL (shared) {
  UNWIND shared AS n
  RETURN n, 0 AS made
  UNION ALL
  UNWIND shared AS c
  MATCH (c)-[:USED|GENERATED_BY|DERIVED_FROM]->(n) WHERE c <> n
  RETURN n, 1 AS made
}
WITH one, other, n, sum(made) AS made WHERE made = 0
RETURN one, other, n AS node, [(n)-[l:GENERATED_BY]->(r) | [l, r]] AS made_by LIMIT 300
