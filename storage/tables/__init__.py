"""Every table, one class each, a file per subject. Entity tables have the fields of their dataclass in `sales/`."""

SCHEMA_VERSION = 10
"""What `serve` expects to find in the one row of `schema_version`; `migrate` brings a database to it."""
