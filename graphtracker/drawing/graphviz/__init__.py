"""Pictures in Graphviz's language, drawn by it."""
