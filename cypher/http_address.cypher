// Where the server says that its HTTP port, and so Neo4j Browser, is.
//
// Parameters: none
// Columns: name STRING, value STRING; one row for each of http and https that is enabled
SHOW SETTINGS YIELD name, value
WHERE name IN [
  'server.http.enabled', 'server.http.advertised_address', 'server.https.enabled', 'server.https.advertised_address'
]
RETURN name, value
