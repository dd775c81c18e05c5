// Runs that nobody used
//
// The runs that no other run names as a source, nor any of their artifacts, newest first, with what they used.
// Parameters: none
MATCH (r:Run) WHERE NOT r:External
  AND NOT EXISTS { (r)<-[:DERIVED_FROM]-(c) WHERE c <> r } AND NOT EXISTS { (r)<-[:GENERATED_BY]-()<-[:USED]-(c) WHERE c <> r }
WITH r ORDER BY r.created_at DESC, r.run_id LIMIT 100
RETURN r, [(r)-[l:USED|DERIVED_FROM]->(s) | [l, s]] AS sources
