// The newest at a place
//
// The artifact that was last logged at a place, its run, and the runs that named it as a source.
// Parameters, whose lines are run first, with your own values
//   $place  STRING, an absolute path or a URL without anything doubled
//     :param place => "s3://lab/models/train-p2qd.pt"
MATCH (a:Artifact {place: $place}) WHERE NOT a:Declared
WITH a ORDER BY a.updated_at DESC, a.run_id, a.name LIMIT 1
MATCH (a)-[g:GENERATED_BY]->(r:Run)
OPTIONAL MATCH (c:Run)-[u:USED]->(a)
RETURN a, g, r, u, c LIMIT 300
