// What used this artifact
//
// The artifact, its run, and the runs that name it as a source.
// Parameters
//   $run_id  STRING; :param run_id => "…"
//   $name    STRING; :param name => "…"
MATCH (a:Artifact {run_id: $run_id, name: $name})-[g:GENERATED_BY]->(r:Run)
OPTIONAL MATCH (c:Run)-[u:USED]->(a)
WITH a, g, r, u, c WHERE NOT a:Declared OR c IS NOT NULL
RETURN a, g, r, u, c
