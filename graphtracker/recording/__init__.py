"""From a verb to a store."""
