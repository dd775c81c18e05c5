"""Filters and orders, by themselves and on every store."""
