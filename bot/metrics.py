"""What Prometheus reads on the admin port."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, generate_latest

registry = CollectorRegistry()
handled = Counter("dealdesk_inbound_handled", "Events that reached a handler.", registry=registry)
sent = Counter("dealdesk_messages_sent", "Messages a platform confirmed.", registry=registry)


def text() -> bytes:
    """The exposition format."""
    return generate_latest(registry)
