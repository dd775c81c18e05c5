// Neighbourhood of a run
//
// The run, and what is at most four links before and after it (a source that names an artifact is two).
// Parameters
//   $run_id  STRING; :param run_id => "…"
MATCH (s:Run {run_id: $run_id})
CALL (s) {
  MATCH (s)(()-[:USED|GENERATED_BY|DERIVED_FROM]->(:Run|Artifact)){0,4}(n)
  RETURN DISTINCT n
  UNION
  MATCH (s)(()<-[:USED|GENERATED_BY|DERIVED_FROM]-(:Run|Artifact)){0,4}(n)
  RETURN DISTINCT n
}
WITH n WHERE NOT (n:External OR n:Declared)
  OR EXISTS { (n)<-[:USED|DERIVED_FROM]-() } OR EXISTS { (n)<-[:GENERATED_BY]-()<-[:USED]-() }
RETURN n
