"""Spools: events on their way to a store, a local line first, delivery behind it."""
