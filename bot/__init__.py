"""The edges: the only network, async code and commits of the product itself."""
