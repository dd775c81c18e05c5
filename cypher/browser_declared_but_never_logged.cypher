// Declared but never logged
//
// Artifacts that a source names and whose run, which did report, never logged: misspelt names, mostly.
// Parameters: none
MATCH (a:Declared)-[g:GENERATED_BY]->(r:Run) WHERE NOT r:External
MATCH (c:Run)-[u:USED]->(a)
RETURN a, g, r, u, c LIMIT 300
