"""Exchange: lineage as data for programs, one file a vocabulary."""
