"""Files we read and write: bytes in, rows out. Pure."""
