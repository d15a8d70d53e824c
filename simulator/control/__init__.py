"""The simulator's own JSON API under /sim/: what scripts, tests and the chat page use."""
