"""graphtracker beside what one would use instead: the same facts, the same questions, the same checks."""
