// The uniqueness constraints and indexes of the database, to tell ours and their version from those of others.
//
// Parameters: none
// Columns: name STRING, labels LIST OF STRING, properties LIST OF STRING, owner STRING (the constraint that an index
//   belongs to, or null)
SHOW INDEXES YIELD name, labelsOrTypes, properties, owningConstraint
RETURN name, labelsOrTypes AS labels, properties, owningConstraint AS owner
