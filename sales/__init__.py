"""The business itself: pure functions of facts, an instant and the policy. No I/O, no platform words."""
