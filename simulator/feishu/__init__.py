"""Feishu on localhost: its open API, its card rules, its events and its card callbacks."""
