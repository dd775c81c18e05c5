"""Analysis: what follows from an answer, as pure functions."""
