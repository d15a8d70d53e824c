"""Cards of the vendor's JSON 2.0: what is allowed, and what a person can press."""
