// The latest of the runs of a name: those that reported first, then external ones, where a source names them.
//
// Parameters
//   $text   STRING
//   $limit  INTEGER
// Columns: rows LIST OF [run_id, created_at (us since 1970 UTC), external]
MATCH (r:Run) WHERE r.name = $text
WITH r, r.created_at AS created_at
WHERE datetime('1678') <= created_at < datetime('2262') AND r.run_id IS :: STRING NOT NULL
WITH r, created_at WHERE NOT r:External OR EXISTS {
  MATCH (r)<-[:DERIVED_FROM]-(c)
  WITH DISTINCT c WHERE 'Run' IN labels(c) AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
  RETURN c
} OR EXISTS {
  MATCH (r)<-[:GENERATED_BY]-(a) WHERE a.run_id = r.run_id AND 'Artifact' IN labels(a)
    AND datetime('1678') <= a.created_at < datetime('2262') AND a.name IS :: STRING NOT NULL
  WITH DISTINCT a MATCH (a)<-[:USED]-(c)
  WITH DISTINCT c WHERE 'Run' IN labels(c) AND datetime('1678') <= c.created_at < datetime('2262') AND c.run_id IS :: STRING NOT NULL
  RETURN c
}
WITH r, created_at ORDER BY 'External' IN labels(r), created_at DESC, r.run_id LIMIT $limit
RETURN collect([r.run_id, created_at.epochMillis * 1000 + created_at.microsecond % 1000, r:External]) AS rows
