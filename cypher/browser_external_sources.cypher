// External sources
//
// What runs came from that never reported itself, such as datasets, with the runs that named it.
// Parameters: none
MATCH (e:External)
WHERE EXISTS { (e)<-[:DERIVED_FROM]-() } OR EXISTS { (e)<-[:GENERATED_BY]-()<-[:USED]-() }
OPTIONAL MATCH (c:Run)-[d:DERIVED_FROM]->(e)
OPTIONAL MATCH (e)<-[g:GENERATED_BY]-(a:Artifact)<-[u:USED]-(k:Run)
RETURN e, d, c, g, a, u, k LIMIT 300
