// What used this artifact
//
// The artifact, its run, and the runs that name it as a source.
// Parameters, whose lines are run first, with your own values
//   $run_id  STRING
//     :param run_id => "local_cwd://torchx/train-p2qd"
//   $name  STRING
//     :param name => "model"
MATCH (a:Artifact {run_id: $run_id, name: $name})-[g:GENERATED_BY]->(r:Run)
OPTIONAL MATCH (c:Run)-[u:USED]->(a)
WITH a, g, r, u, c WHERE NOT a:Declared OR c IS NOT NULL
RETURN a, g, r, u, c LIMIT 300
