// What failed runs share
//
// What at least two of the newest 25 failed runs came from, or are, most shared first, with these runs.
// Whether good runs share it as well graphtracker contrast tells. What was killed is not known to have failed.
// Leaves out the artifacts of a run that only a whole-run source means.
// Parameters: none
MATCH (f:Run) WHERE f['context.status'] STARTS WITH 'failed'
WITH f ORDER BY f.created_at DESC, f.run_id LIMIT 25
CALL (f) {
  MATCH (f)(()-[:USED|GENERATED_BY|DERIVED_FROM]->(:Run|Artifact))*(n)
  RETURN DISTINCT n
}
WITH n, collect(f) AS failed WHERE size(failed) > 1
RETURN n AS node, size(failed) AS shared_by, failed, [(n)-[l:USED|GENERATED_BY|DERIVED_FROM]->() | l] AS sources,
  [(n)<-[l:USED|DERIVED_FROM]-(f) WHERE f IN failed | l] AS uses
ORDER BY shared_by DESC, n.created_at DESC LIMIT 300
