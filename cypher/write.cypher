// Merges a batch of events: folded to one row a run, an artifact and a link, each list sorted by key, so that writers
// of the same things wait for each other in the same order. Every SET that only repeats a value takes the write lock
// on its node or relationship before something of it is read.
//
// Parameters
//   $reported   LIST of {run_id, name: STRING, created_at, updated_at: ZONED DATETIME, stamps: MAP of property key to
//               stamp, metadata: MAP of property key to value}; the least and the greatest time of its own calls
//   $mentioned  LIST of {run_id, name: STRING, created_at: ZONED DATETIME}; runs that a source names
//   $logged     LIST of {run_id, name, stamp: STRING, created_at: ZONED DATETIME, properties: MAP}
//   $declared   LIST of {run_id, name: STRING, created_at: ZONED DATETIME}; artifacts that a source names
//   $used       LIST of {run_id, source_run_id, name: STRING, created_at: ZONED DATETIME}
//   $derived    LIST of {run_id, source_run_id: STRING, created_at: ZONED DATETIME}
// Columns: none
CALL () {
  UNWIND $reported AS row
  MERGE (r:Run {run_id: row.run_id})
  SET r.name = row.name
  REMOVE r:External
  WITH r, row, coalesce(r.`graphtracker.clock`, []) AS clock
  WITH r, row, clock, CASE
    WHEN size(clock) = 0 THEN keys(row.stamps)
    ELSE [key IN keys(row.stamps)
          WHERE none(entry IN clock WHERE substring(entry, 41) = key AND left(entry, 40) >= row.stamps[key])]
  END AS won
  SET r.created_at = CASE WHEN r.created_at < row.created_at THEN r.created_at ELSE row.created_at END,
      r.updated_at = CASE WHEN r.updated_at > row.updated_at THEN r.updated_at ELSE row.updated_at END,
      r.`graphtracker.clock` = [entry IN clock WHERE NOT substring(entry, 41) IN won]
                             + [key IN won | row.stamps[key] + ' ' + key]
  FOREACH (key IN won | SET r[key] = row.metadata[key])
}
CALL () {
  UNWIND $mentioned AS row
  MERGE (r:Run {run_id: row.run_id})
  ON CREATE SET r:External, r.name = row.name, r.created_at = row.created_at
  FOREACH (earlier IN CASE WHEN row.created_at < r.created_at THEN [row.created_at] ELSE [] END |
    SET r.name = row.name
    SET r.created_at = CASE WHEN r.created_at < earlier THEN r.created_at ELSE earlier END
  )
}
CALL () {
  UNWIND $logged AS row
  MERGE (a:Artifact {run_id: row.run_id, name: row.name})
  SET a.created_at = coalesce(a.created_at, row.created_at)
  WITH a, row, a.created_at AS created_at
  FOREACH (properties IN CASE
             WHEN coalesce(a.`graphtracker.clock`, '') < row.stamp THEN [row.properties]
             ELSE []
           END |
    SET a = properties
    REMOVE a:Declared
  )
  SET a.created_at = CASE WHEN created_at < row.created_at THEN created_at ELSE row.created_at END
  WITH a, row
  MATCH (r:Run {run_id: row.run_id})
  MERGE (a)-[:GENERATED_BY]->(r)
}
CALL () {
  UNWIND $declared AS row
  MERGE (a:Artifact {run_id: row.run_id, name: row.name})
  ON CREATE SET a:Declared, a.created_at = row.created_at
  FOREACH (earlier IN CASE WHEN row.created_at < a.created_at THEN [row.created_at] ELSE [] END |
    SET a.created_at = a.created_at
    SET a.created_at = CASE WHEN a.created_at < earlier THEN a.created_at ELSE earlier END
  )
  WITH a, row
  MATCH (r:Run {run_id: row.run_id})
  MERGE (a)-[:GENERATED_BY]->(r)
}
CALL () {
  UNWIND $used AS row
  MATCH (c:Run {run_id: row.run_id})
  MATCH (a:Artifact {run_id: row.source_run_id, name: row.name})
  MERGE (c)-[u:USED]->(a)
  ON CREATE SET u.created_at = row.created_at
  FOREACH (earlier IN CASE WHEN row.created_at < u.created_at THEN [row.created_at] ELSE [] END |
    SET u.created_at = u.created_at
    SET u.created_at = CASE WHEN u.created_at < earlier THEN u.created_at ELSE earlier END
  )
}
CALL () {
  UNWIND $derived AS row
  MATCH (c:Run {run_id: row.run_id})
  MATCH (p:Run {run_id: row.source_run_id})
  MERGE (c)-[d:DERIVED_FROM]->(p)
  ON CREATE SET d.created_at = row.created_at
  FOREACH (earlier IN CASE WHEN row.created_at < d.created_at THEN [row.created_at] ELSE [] END |
    SET d.created_at = d.created_at
    SET d.created_at = CASE WHEN d.created_at < earlier THEN d.created_at ELSE earlier END
  )
}
