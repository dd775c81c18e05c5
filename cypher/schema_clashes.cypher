// Whether nodes of others stand in the way of our constraints: several runs of one id, or artifacts of one id and name.
//
// Parameters: none
// Columns: label STRING, key LIST OF ANY; one row for each label with a clash
CALL () {
  MATCH (r:Run) WHERE r.run_id IS NOT NULL
  WITH r.run_id AS run_id, count(*) AS nodes WHERE nodes > 1
  RETURN 'Run' AS label, [run_id] AS key LIMIT 1
  UNION ALL
  MATCH (a:Artifact) WHERE a.run_id IS NOT NULL AND a.name IS NOT NULL
  WITH a.run_id AS run_id, a.name AS name, count(*) AS nodes WHERE nodes > 1
  RETURN 'Artifact' AS label, [run_id, name] AS key LIMIT 1
}
RETURN label, key
