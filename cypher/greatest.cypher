// The greatest value that runs have, in the order of Cypher, in which all numbers come behind all text.
//
// Parameters: none
// Parts: where (which runs have one), value
// Columns: value ANY; no row where there is none
MATCH (r:Run) WHERE /* where */ true
WITH /* value */ true AS value ORDER BY value DESC LIMIT 1
RETURN value
