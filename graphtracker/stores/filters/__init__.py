"""Which runs are meant, in which order."""
