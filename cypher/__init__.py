"""The Cypher statements that graphtracker sends, one a file."""
