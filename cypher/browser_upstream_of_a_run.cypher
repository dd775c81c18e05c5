// What a run came from
//
// The run with all its ancestors.
// Parameters
//   $run_id  STRING; :param run_id => "…"
MATCH (s:Run {run_id: $run_id})(()-[:USED|GENERATED_BY|DERIVED_FROM]->(:Run|Artifact))*(n)
WITH DISTINCT n WHERE NOT (n:External OR n:Declared)
  OR EXISTS { (n)<-[:USED|DERIVED_FROM]-() } OR EXISTS { (n)<-[:GENERATED_BY]-()<-[:USED]-() }
RETURN n
