"""Template cards: what the vendor accepts, what it only shortens, and what can be pressed."""
