"""The tests of graphtracker: one file a promise."""
