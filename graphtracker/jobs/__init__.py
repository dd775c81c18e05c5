"""What a job needs beyond recording."""
