// Who made this path
//
// The artifacts that lie at a place, the newest log first, and the runs that logged them.
// Parameters, whose lines are run first, with your own values
//   $place  STRING, an absolute path or a URL without anything doubled
//     :param place => "s3://lab/models/train-p2qd.pt"
MATCH (a:Artifact {place: $place})-[g:GENERATED_BY]->(r:Run)
RETURN a, g, r ORDER BY a.updated_at DESC
