// Runs by metadata
//
// The runs that have a value under a metadata key, newest first.
// Parameters
//   $key    STRING; :param key => "…"
//   $value  ANY; :param value => …
MATCH (r:Run) WHERE r[$key] = $value AND NOT r:External
RETURN r ORDER BY r.created_at DESC LIMIT 100
