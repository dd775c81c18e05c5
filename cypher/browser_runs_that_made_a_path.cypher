// Who made this path
//
// The artifacts that lie at a place (an absolute path or a URL, without anything doubled), and the runs that logged them.
// Parameters
//   $place  STRING; :param place => "…"
MATCH (a:Artifact {place: $place})-[g:GENERATED_BY]->(r:Run)
RETURN a, g, r
