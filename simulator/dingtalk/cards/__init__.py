"""Interactive cards: instances, the checks on their data, and what each known template shows."""
