"""How long graphtracker takes beside bare SQLite: ``python -m tests.benchmarks [--quick]``."""
