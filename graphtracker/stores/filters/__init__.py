"""Which runs are meant: filters, and the order in which runs come."""
