// Forgets runs, known or not, by what is theirs alone: the properties of a run and of its artifacts, of a run as a whole
// also its links. The stronger of two forgettings stands, of two alike the earlier; doing it again changes nothing.
//
// Parameters
//   $rows    MAP of forgotten: LIST OF [run_id, name, 'values' or 'run', time (us since 1970 UTC)]
// Columns: none
UNWIND $rows.forgotten AS row
WITH row, datetime({epochSeconds: 0}) + duration({seconds: row[3] / 1000000, microseconds: row[3] % 1000000}) AS time
MERGE (r:Run {run_id: row[0]})
SET r.name = row[1]
WITH r, row, time, r.`graphtracker.forgotten` AS held, r.`graphtracker.forgotten_at` AS since
WITH r, CASE WHEN held = 'run' THEN held ELSE row[2] END AS scope,
  CASE WHEN held = 'run' AND row[2] = 'values' THEN coalesce(since, time)
       WHEN held = row[2] AND datetime('1678') <= since < time THEN since
       ELSE time END AS forgotten_at
FOREACH (unknown IN CASE WHEN scope = 'values' AND datetime('1678') <= r.created_at < datetime('2262') THEN [] ELSE [r] END |
  SET unknown:External
)
SET r = {
  run_id: r.run_id, name: r.name, created_at: r.created_at,
  reported_at: CASE scope WHEN 'values' THEN r.reported_at END,
  updated_at: CASE scope WHEN 'values' THEN r.updated_at END,
  `graphtracker.forgotten`: scope, `graphtracker.forgotten_at`: forgotten_at
}
WITH r, scope
CALL (r, scope) {
  WITH r, scope WHERE scope = 'run'
  MATCH (r)-[link:USED|DERIVED_FROM]->()
  DELETE link
}
CALL (r, scope) {
  MATCH (r)<-[:GENERATED_BY]-(a) WHERE a.run_id = r.run_id AND 'Artifact' IN labels(a)
    AND datetime('1678') <= a.created_at < datetime('2262')
  WITH DISTINCT a, scope, scope = 'values' AND NOT 'Declared' IN labels(a) AS logged
  FOREACH (whole IN CASE scope WHEN 'run' THEN [a] ELSE [] END | SET whole:Declared)
  SET a = {
    run_id: a.run_id, name: a.name, created_at: a.created_at,
    logged_at: CASE WHEN logged THEN a.logged_at END,
    updated_at: CASE WHEN logged THEN a.updated_at END,
    `graphtracker.clock`: CASE WHEN logged THEN a.`graphtracker.clock` END,
    `graphtracker.forgotten`: CASE WHEN logged THEN scope END
  }
}
