// Most used artifacts
//
// The artifacts with the most consumers, with their runs.
// Parameters: none
MATCH (a:Artifact)-[g:GENERATED_BY]->(r:Run)
WITH a, g, r, COUNT { (a)<-[:USED]-() } AS consumers WHERE consumers > 0
RETURN a, g, r, consumers ORDER BY consumers DESC LIMIT 25
