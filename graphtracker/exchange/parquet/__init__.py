"""Lineages as two tables of Parquet, for what asks over more than one machine holds."""

from graphtracker.exchange.parquet.reading import events

__all__ = ["events"]
