"""The smart bot: JSON callbacks or a socket in, replies, updates and pushes out."""
