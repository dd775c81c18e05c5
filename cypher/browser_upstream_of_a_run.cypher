// What a run came from
//
// The run, as start in the first row, with all its ancestors: the nearest 1,000 nodes.
// Arrows point from what was made to what it was made from.
// links counts relationships, of which a source that names an artifact is two, and a whole run one.
// Leaves out the artifacts of a run that only a whole-run source means.
// Parameters, whose lines are run first, with your own values
//   $run_id  STRING
//     :param run_id => "local_cwd://torchx/train-p2qd"
MATCH (start:Run {run_id: $run_id})(()-[l:USED|GENERATED_BY|DERIVED_FROM]->(:Run|Artifact))*(n)
WITH start, n, min(size(l)) AS links WHERE NOT (n:External OR n:Declared)
  OR EXISTS { (n)<-[:USED|DERIVED_FROM]-() } OR EXISTS { (n)<-[:GENERATED_BY]-()<-[:USED]-() }
RETURN CASE n WHEN start THEN n END AS start, CASE WHEN n <> start THEN n END AS node, links,
  [(n)-[l:USED|GENERATED_BY|DERIVED_FROM]->() | l] AS sources
ORDER BY links LIMIT 1000
