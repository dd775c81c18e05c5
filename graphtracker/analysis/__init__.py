"""What follows from an answer: pure functions."""
