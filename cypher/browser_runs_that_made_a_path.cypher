// Who made this path
//
// The artifacts that lie at a path, and the runs that logged them.
// Parameters
//   $path  STRING; :param path => "…"
MATCH (a:Artifact {path: $path})-[g:GENERATED_BY]->(r:Run)
RETURN a, g, r
