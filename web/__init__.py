"""Pages. So far the card gallery of the demo."""
