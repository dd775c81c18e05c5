// The names of properties, of whatever has some or had.
//
// Parameters: none
// Columns: names LIST OF STRING
CALL db.propertyKeys() YIELD propertyKey
RETURN collect(propertyKey) AS names
