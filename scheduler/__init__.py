"""Timed rules: what happens when a timer is due. Each looks at the facts again before it acts."""
