// How much the database holds of ours, and of others.
//
// Parameters: none
// Columns: runs, external, artifacts, declared, values, used, derived, others, unrecognised INTEGER: others are nodes with
//   neither of our labels, unrecognised are nodes with one of them that lack our ids, and links that are not between ours
CALL () { MATCH (r:Run) WHERE r.run_id IS NOT NULL AND NOT r:External
          RETURN count(r) AS runs, sum(size(coalesce(r.`graphtracker.clock`, []))) AS values }
CALL () { MATCH (r:External) WHERE r:Run AND r.run_id IS NOT NULL RETURN count(r) AS external }
CALL () { MATCH (a:Artifact) WHERE a.run_id IS NOT NULL AND a.name IS NOT NULL AND NOT a:Declared
          RETURN count(a) AS artifacts }
CALL () { MATCH (a:Declared) WHERE a:Artifact AND a.run_id IS NOT NULL AND a.name IS NOT NULL
          RETURN count(a) AS declared }
CALL () { MATCH (:Run)-[u:USED]->(:Artifact) RETURN count(u) AS used }
CALL () { MATCH (:Run)-[d:DERIVED_FROM]->(:Run) RETURN count(d) AS derived }
CALL () { MATCH (n) RETURN count(n) AS nodes }
CALL () { MATCH ()-[t:USED|DERIVED_FROM]->() RETURN count(t) AS links }
CALL () { MATCH (n) WHERE n:Run OR n:Artifact RETURN count(n) AS labelled }
RETURN runs, external, artifacts, declared, values, used, derived,
  nodes - labelled AS others,
  (labelled - runs - external - artifacts - declared) + (links - used - derived) AS unrecognised
