// Dead ends
//
// Artifacts that were logged and never used, of runs that nobody derived from, newest first.
// Parameters: none
MATCH (a:Artifact)-[g:GENERATED_BY]->(r:Run)
WHERE NOT a:Declared AND NOT EXISTS { (a)<-[:USED]-() } AND NOT EXISTS { (r)<-[:DERIVED_FROM]-() }
RETURN a, g, r ORDER BY a.created_at DESC LIMIT 100
