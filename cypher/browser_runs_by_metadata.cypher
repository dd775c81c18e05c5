// Runs by metadata
//
// The runs that have a value under a metadata key, newest first, with what they made.
// Parameters, whose lines are run first, with your own values
//   $key  STRING
//     :param key => "lr"
//   $value  ANY
//     :param value => 0.001
MATCH (r:Run) WHERE r[$key] = $value AND NOT r:External
WITH r ORDER BY r.created_at DESC, r.run_id LIMIT 100
RETURN r, [(r)<-[g:GENERATED_BY]-(a) | [g, a]] AS made
