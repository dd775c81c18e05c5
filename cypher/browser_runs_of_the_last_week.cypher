// Runs of the last week
//
// What reported in the last seven days, with its sources.
// Parameters: none
MATCH (r:Run) WHERE r.created_at > datetime() - duration('P7D') AND NOT r:External
OPTIONAL MATCH (r)-[u:USED|DERIVED_FROM]->(s)
RETURN r, u, s ORDER BY r.created_at DESC LIMIT 300
