// Those of these places at which an artifact lies; long places are indexed by their beginning.
//
// Parameters
//   $places  LIST OF STRING
// Columns: places LIST OF STRING
UNWIND $places AS place
MATCH (a:Artifact {place: place}) USING INDEX SEEK a:Artifact(place)
WHERE NOT 'Declared' IN labels(a)
RETURN collect(DISTINCT place) AS places
