// What must be made again
//
// The runs that were made from a run, or from what was made from it, nearest first, as a table.
// ends is true where nothing was made from it, status is what its context says.
// links counts relationships, of which a source that names an artifact is two, and a whole run one.
// Not the distance that graphtracker impact counts, in sources, nor its order, in which they can be made again.
// Parameters, whose lines are run first, with your own values
//   $run_id  STRING
//     :param run_id => "local_cwd://torchx/train-p2qd"
MATCH (start:Run {run_id: $run_id})(()<-[l:USED|GENERATED_BY|DERIVED_FROM]-(:Run|Artifact))*(n)
WITH start, n, min(size(l)) AS links WHERE n:Run AND n <> start
RETURN n.run_id AS run_id, n.name AS name, links,
  NOT EXISTS { (n)<-[:DERIVED_FROM]-(c) WHERE c <> n } AND NOT EXISTS { (n)<-[:GENERATED_BY]-()<-[:USED]-(c) WHERE c <> n } AS ends,
  n['context.status'] AS status
ORDER BY links, run_id
