// Whether the database has an index of the user's on a property of runs alone.
//
// Parameters
//   $property  STRING
// Columns: indexed BOOLEAN
SHOW INDEXES YIELD labelsOrTypes, properties, type, state
WHERE labelsOrTypes = ['Run'] AND properties = [$property] AND type = 'RANGE' AND state = 'ONLINE'
RETURN count(*) > 0 AS indexed
