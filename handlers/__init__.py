"""One function per command and action. They translate between events and rules; they decide nothing."""
