// How much the database holds of ours, and of others.
//
// Parameters: none
// Columns: runs, external, artifacts, declared, values, used, derived, forgotten, others, unrecognised INTEGER: external and
//   declared are those that a source names; others are nodes with neither of our labels, unrecognised are nodes with one
//   of them that lack what ours have (a text as run_id, of an artifact also as name, and as created_at a DateTime that
//   may be ours, unless they are forgotten), and links that are not between ours
CALL () { MATCH (r:Run)
          WHERE r.run_id IS :: STRING NOT NULL
            AND (datetime('1678') <= r.created_at < datetime('2262') OR r.`graphtracker.forgotten` IN ['values', 'run'])
          RETURN count(r) AS our_runs, sum(CASE WHEN r:External THEN 0 ELSE 1 END) AS runs,
            sum(CASE WHEN r.`graphtracker.forgotten` IN ['values', 'run'] THEN 1 ELSE 0 END) AS forgotten,
            sum(CASE WHEN NOT r:External AND r.`graphtracker.clock` IS :: LIST<STRING NOT NULL> NOT NULL
                     THEN size([entry IN r.`graphtracker.clock` WHERE NOT substring(entry, 41) STARTS WITH 'context.'])
                     ELSE 0 END) AS values }
CALL () { MATCH (r:Run:External)
          WHERE datetime('1678') <= r.created_at < datetime('2262') AND r.run_id IS :: STRING NOT NULL
            AND (EXISTS { (r)<-[:DERIVED_FROM]-() }
              OR EXISTS { MATCH (r)<-[:GENERATED_BY]-(a) WITH DISTINCT a MATCH (a)<-[:USED]-() RETURN a })
          RETURN count(r) AS external }
CALL () { MATCH (a:Artifact)
          WHERE datetime('1678') <= a.created_at < datetime('2262')
            AND a.run_id IS :: STRING NOT NULL AND a.name IS :: STRING NOT NULL
          WITH a, NOT a:Declared AND (a.path IS :: STRING NOT NULL OR a.`graphtracker.forgotten` IS NOT NULL) AS logged
          RETURN count(a) AS our_artifacts, sum(CASE WHEN logged THEN 1 ELSE 0 END) AS artifacts,
            sum(CASE WHEN NOT logged AND EXISTS { (a)<-[:USED]-() } THEN 1 ELSE 0 END) AS declared }
CALL () { MATCH (c:Run)-[u:USED]->(a:Artifact)
          WHERE datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
            AND datetime('1678') <= a.created_at < datetime('2262')
            AND a.run_id IS :: STRING NOT NULL AND a.name IS :: STRING NOT NULL
          RETURN count(u) AS used }
CALL () { MATCH (c:Run)-[d:DERIVED_FROM]->(p:Run)
          WHERE datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
            AND datetime('1678') <= p.created_at < datetime('2262') AND p.run_id IS :: STRING NOT NULL
          RETURN count(d) AS derived }
CALL () { MATCH (n) RETURN count(n) AS nodes }
CALL () { MATCH ()-[t:USED|DERIVED_FROM]->() RETURN count(t) AS links }
CALL () { MATCH (n) WHERE n:Run OR n:Artifact RETURN count(n) AS labelled }
RETURN runs, external, artifacts, declared, values, used, derived, forgotten,
  nodes - labelled AS others,
  (labelled - our_runs - our_artifacts) + (links - used - derived) AS unrecognised
