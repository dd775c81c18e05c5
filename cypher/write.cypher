// Merges a batch of events: folded to one row a run, an artifact and a link, each list sorted by key, so that writers
// of the same things wait for each other in the same order. Every SET that only repeats a value takes the write lock
// on its node or relationship before something of it is read. What others made by hand without a created_at that may be
// ours (a DateTime of the years 1678 to 2261) becomes ours.
//
// Rows are lists and times are INTEGER (us since 1970 UTC), since a driver takes much longer to send maps and DateTimes.
// All lists of rows come in one map: a server plans a statement anew for each order of magnitude that a list of its
// parameters has (none, one, 2 to 10, 11 to 100 ...), here for each combination of six, and does not look into maps.
//
// Parameters
//   $rows  MAP of
//     reported   LIST OF [run_id, name, least and greatest time of its own calls, metadata and context: LIST OF [entry of
//                the clock (stamp, space, property), value]]
//     mentioned  LIST OF [run_id, name, least time]; runs that others spoke of, as those do that name a source
//     logged     LIST OF [run_id, name, least time, stamp, its time, path, place, properties: MAP of metadata]
//     declared   LIST OF [run_id, name, least time]; artifacts that others spoke of
//     used       LIST OF [run_id, source run id, artifact name, least time]
//     derived    LIST OF [run_id, source run id, least time]
// Columns: run_id STRING, stamp STRING (what beat a value of the run, or an artifact of it; null where all stand), forgotten
//   STRING (what of a run that records is forgotten, so that what is written here of it is void); no row of other runs
CALL () {
  UNWIND $rows.reported AS row
  WITH row, datetime({epochSeconds: 0}) + duration({seconds: row[2] / 1000000, microseconds: row[2] % 1000000}) AS first,
       datetime({epochSeconds: 0}) + duration({seconds: row[3] / 1000000, microseconds: row[3] % 1000000}) AS last
  MERGE (r:Run {run_id: row[0]})
  SET r.name = row[1]
  REMOVE r:External
  WITH r, row, first, last, r.`graphtracker.clock` AS clock
  WITH r, row, first, last, CASE WHEN clock IS :: LIST<STRING NOT NULL> NOT NULL THEN clock ELSE [] END AS clock
  // Grouped by key, so that time and memory grow as the keys do; every key against every entry grows as their square.
  CALL (row, clock) {
    WITH row, clock WHERE size(clock) > 0
    UNWIND [entry IN clock | [entry, -1]] + [place IN range(0, size(row[4]) - 1) | [row[4][place][0], place]] AS entry
    WITH substring(entry[0], 41) AS key, max(entry) AS latest, max(entry[1]) AS place
    RETURN collect(latest[0]) AS merged, collect(CASE WHEN latest[1] >= 0 THEN row[4][place] END) AS won,
      max(CASE WHEN latest[1] < place THEN latest[0] END) AS winner
  }
  WITH r, row, first, last, winner,
       CASE WHEN size(clock) > 0 THEN merged ELSE [value IN row[4] | value[0]] END AS merged,
       CASE WHEN size(clock) > 0 THEN won ELSE row[4] END AS won
  SET r.created_at = CASE WHEN datetime('1678') <= r.created_at < first THEN r.created_at ELSE first END,
      r.reported_at = CASE WHEN datetime('1678') <= r.reported_at < first THEN r.reported_at ELSE first END,
      r.updated_at = CASE WHEN r.updated_at > last THEN r.updated_at ELSE last END,
      r.`graphtracker.clock` = merged
  FOREACH (value IN won | SET r[substring(value[0], 41)] = value[1])
  WITH row, winner, r.`graphtracker.forgotten` AS forgotten
  WHERE winner IS NOT NULL OR forgotten IN ['values', 'run']
  RETURN collect([row[0], left(winner, 40), forgotten]) AS beaten_runs
}
CALL () {
  UNWIND $rows.mentioned AS row
  WITH row, datetime({epochSeconds: 0}) + duration({seconds: row[2] / 1000000, microseconds: row[2] % 1000000}) AS first
  MERGE (r:Run {run_id: row[0]})
  ON CREATE SET r:External, r.name = row[1], r.created_at = first
  FOREACH (earlier IN CASE WHEN datetime('1678') <= r.created_at <= first THEN [] ELSE [first] END |
    SET r.name = row[1]
    FOREACH (by_hand IN CASE
      WHEN datetime('1678') <= r.created_at < datetime('2262') OR r.updated_at IS NOT NULL THEN []
      ELSE [r]
    END | SET r:External)
    SET r.created_at = CASE WHEN datetime('1678') <= r.created_at < earlier THEN r.created_at ELSE earlier END
  )
}
CALL () {
  UNWIND $rows.logged AS row
  WITH row, datetime({epochSeconds: 0}) + duration({seconds: row[2] / 1000000, microseconds: row[2] % 1000000}) AS first,
       datetime({epochSeconds: 0}) + duration({seconds: row[4] / 1000000, microseconds: row[4] % 1000000}) AS last
  MERGE (a:Artifact {run_id: row[0], name: row[1]})
  SET a.created_at = coalesce(a.created_at, first)
  WITH a, row, first, last, a.created_at AS created_at, a.logged_at AS logged_at,
       CASE WHEN a.`graphtracker.clock` IS :: STRING NOT NULL THEN a.`graphtracker.clock` ELSE '' END AS clock
  FOREACH (properties IN CASE WHEN clock < row[3] THEN [row[7]] ELSE [] END |
    SET a = properties {
      .*, run_id: row[0], name: row[1], path: row[5], place: row[6], updated_at: last, `graphtracker.clock`: row[3]
    }
    REMOVE a:Declared
  )
  SET a.created_at = CASE WHEN datetime('1678') <= created_at < first THEN created_at ELSE first END,
      a.logged_at = CASE WHEN datetime('1678') <= logged_at < first THEN logged_at ELSE first END
  WITH a, row, clock
  MATCH (r:Run {run_id: row[0]})
  MERGE (a)-[:GENERATED_BY]->(r)
  WITH row, clock WHERE clock > row[3]
  RETURN collect([row[0], clock, null]) AS beaten_artifacts
}
CALL () {
  UNWIND $rows.declared AS row
  WITH row, datetime({epochSeconds: 0}) + duration({seconds: row[2] / 1000000, microseconds: row[2] % 1000000}) AS first
  MERGE (a:Artifact {run_id: row[0], name: row[1]})
  ON CREATE SET a:Declared, a.created_at = first
  FOREACH (earlier IN CASE WHEN datetime('1678') <= a.created_at <= first THEN [] ELSE [first] END |
    SET a.created_at = a.created_at
    FOREACH (by_hand IN CASE
      WHEN datetime('1678') <= a.created_at < datetime('2262') OR a.path IS NOT NULL THEN []
      ELSE [a]
    END | SET a:Declared)
    SET a.created_at = CASE WHEN datetime('1678') <= a.created_at < earlier THEN a.created_at ELSE earlier END
  )
  WITH a, row
  MATCH (r:Run {run_id: row[0]})
  MERGE (a)-[:GENERATED_BY]->(r)
}
CALL () {
  UNWIND $rows.used AS row
  WITH row, datetime({epochSeconds: 0}) + duration({seconds: row[3] / 1000000, microseconds: row[3] % 1000000}) AS first
  MATCH (c:Run {run_id: row[0]})
  MATCH (a:Artifact {run_id: row[1], name: row[2]})
  MERGE (c)-[u:USED]->(a)
  ON CREATE SET u.created_at = first
  FOREACH (earlier IN CASE WHEN datetime('1678') <= u.created_at <= first THEN [] ELSE [first] END |
    SET u.created_at = u.created_at
    SET u.created_at = CASE WHEN datetime('1678') <= u.created_at < earlier THEN u.created_at ELSE earlier END
  )
}
CALL () {
  UNWIND $rows.derived AS row
  WITH row, datetime({epochSeconds: 0}) + duration({seconds: row[2] / 1000000, microseconds: row[2] % 1000000}) AS first
  MATCH (c:Run {run_id: row[0]})
  MATCH (p:Run {run_id: row[1]})
  MERGE (c)-[d:DERIVED_FROM]->(p)
  ON CREATE SET d.created_at = first
  FOREACH (earlier IN CASE WHEN datetime('1678') <= d.created_at <= first THEN [] ELSE [first] END |
    SET d.created_at = d.created_at
    SET d.created_at = CASE WHEN datetime('1678') <= d.created_at < earlier THEN d.created_at ELSE earlier END
  )
}
UNWIND beaten_runs + beaten_artifacts AS beaten
RETURN beaten[0] AS run_id, beaten[1] AS stamp, beaten[2] AS forgotten
