"""The model: what is said, as values without input or output."""
