"""On the way: a local line first, delivery behind it."""
