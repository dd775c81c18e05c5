"""Drawing: lineage as pictures for people."""
