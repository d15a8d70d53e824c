"""Scenarios of handlers run at once on one subject, a module per subject. style.md 17.2."""
