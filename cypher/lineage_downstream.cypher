// A run and everything that was made from it.
//
// Parameters
//   $run_id  STRING
//   $own     LIST OF STRING; properties that are no metadata
// Columns: is_run BOOLEAN, keys LIST OF STRING (of metadata), rows: as of runs_with_sources, and as of artifacts; one
//   row for each kind and set of keys
MATCH (s:Run {run_id: $run_id})(()<-[:USED|GENERATED_BY|DERIVED_FROM]-(b) WHERE 'Run' IN labels(b) OR 'Artifact' IN labels(b))*(n)
WITH DISTINCT n
WITH n, n.created_at AS created_at, n.updated_at AS updated_at, n:Run AS is_run,
  [key IN keys(n) WHERE NOT key IN $own AND NOT key STARTS WITH 'graphtracker.'] AS keys
WHERE datetime('1678') <= created_at < datetime('2262')
RETURN is_run, keys, collect([
    n.run_id, n:External OR n:Declared, created_at.epochMillis * 1000 + created_at.microsecond % 1000,
    CASE WHEN datetime('1678') <= updated_at < datetime('2262')
      THEN updated_at.epochMillis * 1000 + updated_at.microsecond % 1000 END, [key IN keys | n[key]],
    CASE WHEN is_run THEN [(n)-[:DERIVED_FROM]->(p:Run) | p.run_id] ELSE n.name END,
    CASE
      WHEN is_run THEN [(n)-[:USED]->(a:Artifact) | [a.run_id, a.name]]
      ELSE coalesce(n.`graphtracker.path`, n.path)
    END
]) AS rows
