"""Speed and size: every figure with its ratio to a baseline that was measured in the same run."""
