// Between two runs
//
// All that was made from the run and that the other run, as end in the first row, came from, and nothing where that did
// not come from the run. The nearest to the end, at most 1,000 nodes.
// Arrows point from what was made to what it was made from.
// links counts relationships, of which a source that names an artifact is two, and a whole run one.
// Leaves out the artifacts of a run that only a whole-run source means.
// Parameters, whose lines are run first, with your own values
//   $run_id  STRING
//     :param run_id => "local_cwd://torchx/train-p2qd"
//   $other_run_id  STRING
//     :param other_run_id => "local_cwd://torchx/deploy-n6bf"
MATCH (start:Run {run_id: $run_id}), (end:Run {run_id: $other_run_id})
CALL (start, end) {
  MATCH (end)(()-[l:USED|GENERATED_BY|DERIVED_FROM]->(:Run|Artifact))*(n)
  RETURN n, min(size(l)) AS links
  UNION ALL
  MATCH (start)(()<-[l:USED|GENERATED_BY|DERIVED_FROM]-(:Run|Artifact))*(n)
  RETURN DISTINCT n, null AS links
}
WITH start, end, n, count(*) AS walks, min(links) AS links WHERE walks = 2
RETURN CASE n WHEN start THEN n END AS start, CASE n WHEN end THEN n END AS end,
  CASE WHEN NOT n IN [start, end] THEN n END AS node, links,
  [(n)-[l:USED|GENERATED_BY|DERIVED_FROM]->() | l] AS sources
ORDER BY links LIMIT 1000
