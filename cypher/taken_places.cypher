// The places of artifacts that begin as these, which are long places cut to what can be indexed.
//
// Parameters
//   $rows    MAP of places: LIST OF STRING
// Columns: places LIST OF STRING
UNWIND $rows.places AS place
MATCH (a:Artifact {place: place}) USING INDEX SEEK a:Artifact(place)
WHERE NOT 'Declared' IN labels(a)
RETURN collect(DISTINCT coalesce(a.`graphtracker.place`, a.place)) AS places
