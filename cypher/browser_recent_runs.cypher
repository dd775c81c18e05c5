// Recent runs
//
// The newest runs that reported, with what they made.
// Parameters: none
MATCH (r:Run) WHERE NOT r:External
WITH r ORDER BY r.created_at DESC LIMIT 25
OPTIONAL MATCH (a:Artifact)-[g:GENERATED_BY]->(r)
RETURN r, g, a
