"""What identifies our app at Feishu, and the two or three choices that go with it."""

from __future__ import annotations

from dataclasses import dataclass, field

FEISHU = "https://open.feishu.cn"


@dataclass(frozen=True, slots=True)
class FeishuKeys:
    """The app's identity and secrets; a secret never shows in a repr.

    `encrypt_key` empty: events come in plain text and only the verification token protects them. `tenant_key` set:
    events and sign-ins of any other tenant are refused. `redirect_uri` is the registered sign-in page, `public_url`
    the address of our own pages: links below it stay links in text messages, all others are shown defused.
    `socket`: events come over the long connection and no callback route is opened.
    """

    app_id: str
    app_secret: str = field(repr=False)
    encrypt_key: str = field(default="", repr=False)
    verification_token: str = field(default="", repr=False)
    api_base: str = FEISHU
    card_in_answer: bool = False
    tenant_key: str = ""
    redirect_uri: str = ""
    public_url: str = ""
    socket: bool = False
