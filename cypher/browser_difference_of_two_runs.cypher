// In what two runs differ
//
// The metadata keys of which the runs have other values, or only one has any, as a table.
// What Neo4j cannot hold as it is stands there as json: and its encoding. What their ancestors differ in, and which of
// these differences come first, graphtracker diff tells.
// Parameters, whose lines are run first, with your own values
//   $run_id  STRING
//     :param run_id => "local_cwd://torchx/train-p2qd"
//   $other_run_id  STRING
//     :param other_run_id => "local_cwd://torchx/train-x7mw"
MATCH (one:Run {run_id: $run_id}), (other:Run {run_id: $other_run_id})
UNWIND keys(one) + [key IN keys(other) WHERE NOT key IN keys(one)] AS key
WITH key, one[key] AS value, other[key] AS other_value
WHERE NOT key IN ['run_id', 'name', 'created_at', 'reported_at', 'updated_at']
  AND NOT key STARTS WITH 'context.' AND NOT key STARTS WITH 'graphtracker.'
  AND coalesce(value <> other_value, true) AND NOT coalesce(value <> value AND other_value <> other_value, false)
RETURN CASE WHEN key STARTS WITH 'metadata.' THEN substring(key, 9) ELSE key END AS key, value, other_value
ORDER BY key
