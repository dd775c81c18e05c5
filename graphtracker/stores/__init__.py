"""Stores: where lineage is kept."""
