"""What people do in the client: write, send, press, come and go."""
