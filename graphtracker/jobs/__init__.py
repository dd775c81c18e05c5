"""Jobs: what recording inside a job needs beyond that."""
