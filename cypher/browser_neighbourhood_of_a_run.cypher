// Neighbourhood of a run
//
// The run, as start in the first row, and what is at most four links before and after it: the nearest 500 of each.
// Arrows point from what was made to what it was made from.
// links counts relationships, of which a source that names an artifact is two, and a whole run one.
// Leaves out the artifacts of a run that only a whole-run source means.
// Parameters, whose lines are run first, with your own values
//   $run_id  STRING
//     :param run_id => "local_cwd://torchx/train-p2qd"
MATCH (start:Run {run_id: $run_id})
CALL (start) {
  MATCH (start)(()-[l:USED|GENERATED_BY|DERIVED_FROM]->(:Run|Artifact)){0,4}(n)
  RETURN n, min(size(l)) AS links ORDER BY links LIMIT 500
  UNION
  MATCH (start)(()<-[l:USED|GENERATED_BY|DERIVED_FROM]-(:Run|Artifact)){0,4}(n)
  RETURN n, min(size(l)) AS links ORDER BY links LIMIT 500
}
WITH start, n, min(links) AS links WHERE NOT (n:External OR n:Declared)
  OR EXISTS { (n)<-[:USED|DERIVED_FROM]-() } OR EXISTS { (n)<-[:GENERATED_BY]-()<-[:USED]-() }
RETURN CASE n WHEN start THEN n END AS start, CASE WHEN n <> start THEN n END AS node, links,
  [(n)-[l:USED|GENERATED_BY|DERIVED_FROM]->() | l] AS sources
ORDER BY links LIMIT 1000
