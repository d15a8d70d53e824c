"""Settings, defaults and the demo company."""
