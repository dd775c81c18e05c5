"""graphtracker beside what one would use instead: the same runs, the same questions, the same checks."""
