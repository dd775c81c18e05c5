"""Lineages as two tables of Parquet, for what asks over more than one machine holds."""
