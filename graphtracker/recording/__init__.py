"""Recording: the way from a verb to a store."""
