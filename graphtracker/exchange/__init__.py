"""For programs: one file a vocabulary, reading beside writing."""
