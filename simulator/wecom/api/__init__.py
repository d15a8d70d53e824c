"""The open API, one file per subject."""
