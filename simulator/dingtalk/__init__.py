"""The simulated DingTalk: both API hosts, Stream gateway, signed callbacks, cards by template."""
