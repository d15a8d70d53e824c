"""What identifies our app at DingTalk, and the choices that go with it."""

from __future__ import annotations

from dataclasses import dataclass, field

API = "https://api.dingtalk.com"
OAPI = "https://oapi.dingtalk.com"


@dataclass(frozen=True, slots=True)
class DingtalkKeys:
    """The app's identity and secrets; a secret never shows in a repr.

    `robot_code` is the app key unless the vendor says otherwise. `form_template_id` names the tenant's own card
    template with a form; without it nothing can be filled in on a card. `token` and `aes_key` open the route for
    organisation events. `card_secret` signs card callbacks and `public_url` is where they go; `socket`: everything
    comes over Stream, and no route is opened. `api_base` and `oapi_base` are the vendor's two hosts.
    """

    app_key: str
    app_secret: str = field(repr=False)
    robot_code: str = ""
    corp_id: str = ""
    form_template_id: str = ""
    token: str = field(default="", repr=False)
    aes_key: str = field(default="", repr=False)
    card_secret: str = field(default="", repr=False)
    api_base: str = API
    oapi_base: str = OAPI
    public_url: str = ""
    socket: bool = False

    @property
    def robot(self) -> str:
        """The robot's code."""
        return self.robot_code or self.app_key

    @property
    def hears_clicks(self) -> bool:
        """Clicks reach us: over Stream, or at a public address the vendor was told."""
        return self.socket or bool(self.public_url)

    @property
    def callback_type(self) -> str:
        """How the vendor sends a card's clicks."""
        return "STREAM" if self.socket else "HTTP"

    @property
    def route_key(self) -> str:
        """The name under which our card callback is registered; one for each app."""
        return f"dealdesk-{self.app_key}"
