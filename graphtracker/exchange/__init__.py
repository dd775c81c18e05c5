"""For programs: one file a vocabulary, reading and writing side by side."""
