// Merges a batch of events: folded to one row a run, an artifact and a link, each list sorted by key, so that writers
// of the same things wait for each other in the same order. Every SET that only repeats a value takes the write lock
// on its node or relationship before something of it is read.
//
// Rows are lists and times are INTEGER (us since 1970 UTC), since a driver takes much longer to send maps and DateTimes.
//
// Parameters
//   $reported   LIST OF [run_id, name, least and greatest time of its own calls, metadata: LIST OF [property key, stamp,
//               value]]
//   $mentioned  LIST OF [run_id, name, least time]; runs that a source names
//   $logged     LIST OF [run_id, name, least time, stamp, its time, path, properties: MAP of metadata]
//   $declared   LIST OF [run_id, name, least time]; artifacts that a source names
//   $used       LIST OF [run_id, source run id, artifact name, least time]
//   $derived    LIST OF [run_id, source run id, least time]
// Columns: none
CALL () {
  UNWIND $reported AS row
  WITH row, datetime({epochSeconds: 0}) + duration({seconds: row[2] / 1000000, microseconds: row[2] % 1000000}) AS first,
       datetime({epochSeconds: 0}) + duration({seconds: row[3] / 1000000, microseconds: row[3] % 1000000}) AS last
  MERGE (r:Run {run_id: row[0]})
  SET r.name = row[1]
  REMOVE r:External
  WITH r, row, first, last, coalesce(r.`graphtracker.clock`, []) AS clock
  WITH r, first, last, clock, CASE
    WHEN size(clock) = 0 THEN row[4]
    ELSE [value IN row[4]
          WHERE none(entry IN clock WHERE substring(entry, 41) = value[0] AND left(entry, 40) >= value[1])]
  END AS won
  SET r.created_at = CASE WHEN r.created_at < first THEN r.created_at ELSE first END,
      r.updated_at = CASE WHEN r.updated_at > last THEN r.updated_at ELSE last END,
      r.`graphtracker.clock` = [entry IN clock WHERE none(value IN won WHERE substring(entry, 41) = value[0])]
                             + [value IN won | value[1] + ' ' + value[0]]
  FOREACH (value IN won | SET r[value[0]] = value[2])
}
CALL () {
  UNWIND $mentioned AS row
  WITH row, datetime({epochSeconds: 0}) + duration({seconds: row[2] / 1000000, microseconds: row[2] % 1000000}) AS first
  MERGE (r:Run {run_id: row[0]})
  ON CREATE SET r:External, r.name = row[1], r.created_at = first
  FOREACH (earlier IN CASE WHEN first < r.created_at THEN [first] ELSE [] END |
    SET r.name = row[1]
    SET r.created_at = CASE WHEN r.created_at < earlier THEN r.created_at ELSE earlier END
  )
}
CALL () {
  UNWIND $logged AS row
  WITH row, datetime({epochSeconds: 0}) + duration({seconds: row[2] / 1000000, microseconds: row[2] % 1000000}) AS first,
       datetime({epochSeconds: 0}) + duration({seconds: row[4] / 1000000, microseconds: row[4] % 1000000}) AS last
  MERGE (a:Artifact {run_id: row[0], name: row[1]})
  SET a.created_at = coalesce(a.created_at, first)
  WITH a, row, first, last, a.created_at AS created_at
  FOREACH (properties IN CASE WHEN coalesce(a.`graphtracker.clock`, '') < row[3] THEN [row[6]] ELSE [] END |
    SET a = properties {
      .*, run_id: row[0], name: row[1], path: row[5], updated_at: last, `graphtracker.clock`: row[3]
    }
    REMOVE a:Declared
  )
  SET a.created_at = CASE WHEN created_at < first THEN created_at ELSE first END
  WITH a, row
  MATCH (r:Run {run_id: row[0]})
  MERGE (a)-[:GENERATED_BY]->(r)
}
CALL () {
  UNWIND $declared AS row
  WITH row, datetime({epochSeconds: 0}) + duration({seconds: row[2] / 1000000, microseconds: row[2] % 1000000}) AS first
  MERGE (a:Artifact {run_id: row[0], name: row[1]})
  ON CREATE SET a:Declared, a.created_at = first
  FOREACH (earlier IN CASE WHEN first < a.created_at THEN [first] ELSE [] END |
    SET a.created_at = a.created_at
    SET a.created_at = CASE WHEN a.created_at < earlier THEN a.created_at ELSE earlier END
  )
  WITH a, row
  MATCH (r:Run {run_id: row[0]})
  MERGE (a)-[:GENERATED_BY]->(r)
}
CALL () {
  UNWIND $used AS row
  WITH row, datetime({epochSeconds: 0}) + duration({seconds: row[3] / 1000000, microseconds: row[3] % 1000000}) AS first
  MATCH (c:Run {run_id: row[0]})
  MATCH (a:Artifact {run_id: row[1], name: row[2]})
  MERGE (c)-[u:USED]->(a)
  ON CREATE SET u.created_at = first
  FOREACH (earlier IN CASE WHEN first < u.created_at THEN [first] ELSE [] END |
    SET u.created_at = u.created_at
    SET u.created_at = CASE WHEN u.created_at < earlier THEN u.created_at ELSE earlier END
  )
}
CALL () {
  UNWIND $derived AS row
  WITH row, datetime({epochSeconds: 0}) + duration({seconds: row[2] / 1000000, microseconds: row[2] % 1000000}) AS first
  MATCH (c:Run {run_id: row[0]})
  MATCH (p:Run {run_id: row[1]})
  MERGE (c)-[d:DERIVED_FROM]->(p)
  ON CREATE SET d.created_at = first
  FOREACH (earlier IN CASE WHEN first < d.created_at THEN [first] ELSE [] END |
    SET d.created_at = d.created_at
    SET d.created_at = CASE WHEN d.created_at < earlier THEN d.created_at ELSE earlier END
  )
}
