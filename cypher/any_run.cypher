// Whether anything is so of a run.
//
// Parameters: none
// Parts: where (what is so)
// Columns: found BOOLEAN
MATCH (r:Run) WHERE /* where */ true
WITH r LIMIT 1
RETURN count(r) > 0 AS found
