"""Pages as HTML: one document each, style and script inside, nothing loaded from anywhere. ux.md 6."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

_TEMPLATES = Environment(
    loader=PackageLoader("web", "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _inline(name: str) -> tuple[Markup, str]:
    """A file of ours to stand inside the document, and the hash by which the policy knows it."""
    source = (Path(__file__).parent / "templates" / name).read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    return Markup(source), f"'sha256-{digest}'"


_CSS, _CSS_HASH = _inline("page.css")
_JS, _JS_HASH = _inline("page.js")

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_CSS_HASH}; script-src {_JS_HASH}; img-src data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of every answer below /p/. No address of a page leaves it, nobody frames it, nobody keeps it, no script but ours."""


def page(template: str, *, status: int = 200, **given: Any) -> web.Response:
    """The page. Whatever is given is text: names and values from people are never markup."""
    html = _TEMPLATES.get_template(template).render(css=_CSS, js=_JS, **given)
    return web.Response(text=html, status=status, content_type="text/html", headers=HEADERS)


def state(title: str, text: str, *, status: int, **given: Any) -> web.Response:
    """A page that only says how things stand: expired, no right, something went wrong. ux.md 6."""
    return page("state.html", status=status, title=title, text=text, **{"kept": (), "again": {}, **given})
