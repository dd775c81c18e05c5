"""A picture as a page to work in."""
