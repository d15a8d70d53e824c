"""The functions behind the open API's paths, by subject."""
