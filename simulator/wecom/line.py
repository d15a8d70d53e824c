"""The line to one callback URL: encrypts, signs, posts, and names what went wrong."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from yarl import URL

from simulator.calls import CallLog
from simulator.clock import Clock
from simulator.wecom.crypto import BadCipher, aes_key, decrypt, encrypt, signature
from simulator.wecom.platform import NAME
from simulator.wecom.xml import BadXml, read, text_of, write

CONNECT_SECONDS = 2.0
POST_SECONDS = 5.0
VERIFY_SECONDS = 1.0
NO_URL, NO_ANSWER, NO_CONNECTION, BAD_STATUS, BAD_ECHO = 1, 2, 3, 4, 5
OTHER_RECEIVER = "wwffffffffffffffff"
_DTD = '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: `code` is 0 after an HTTP 200, else our number for the failure."""

    status: int
    ms: float
    code: int
    body: bytes = b""

    def view(self) -> dict[str, Any]:
        """The outcome as JSON of the control API."""
        return {"status": self.status, "ms": round(self.ms, 1), "code": self.code}


@dataclass(frozen=True, slots=True)
class Keys:
    """Token and key of one callback, and whom its texts are for; `agent_id` 0 marks the smart bot's JSON."""

    token: str
    aes_key: str
    receive_id: str
    agent_id: int = 0


class Line:
    """One keep-alive client for everything sent to one URL."""

    def __init__(self, keys: Keys, clock: Clock, calls: CallLog, url: str) -> None:
        self._keys = keys
        self._key = aes_key(keys.aes_key)
        self._clock = clock
        self._calls = calls
        self._session: aiohttp.ClientSession | None = None
        self.url = url

    async def start(self) -> None:
        """Open the client; needs the running loop."""
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
        self._session = aiohttp.ClientSession(connector=connector)

    async def stop(self) -> None:
        """Close the client."""
        if self._session is not None:
            await self._session.close()

    async def post(self, plain: str, *, flaw: str = "", skew_ms: int = 0) -> Outcome:
        """Send one plaintext, freshly encrypted and signed; `flaw` spoils it on purpose."""
        body, query = self._sealed(plain, flaw, skew_ms)
        content_type = "text/xml" if self._keys.agent_id else "application/json"
        started = self._clock.machine()
        answer = await self._send("POST", query, POST_SECONDS, body, {"Content-Type": content_type})
        outcome = Outcome(answer.status, (self._clock.machine() - started) * 1000, answer.code, answer.body)
        self._log("POST", outcome, _shown(plain))
        return outcome

    async def verify(self) -> dict[str, Any]:
        """Ask for an echo, as the console does when the URL is saved; it must come back bare within a second."""
        word = str(secrets.randbits(62))
        echo = encrypt(word.encode(), self._key, self._keys.receive_id)
        query = self._query(echo, 0) | {"echostr": echo}
        started = self._clock.machine()
        answer = await self._send("GET", query, VERIFY_SECONDS, None, {})
        reason = _verdict(answer, word)
        code = answer.code or (BAD_ECHO if reason else 0)
        outcome = Outcome(answer.status, (self._clock.machine() - started) * 1000, code, answer.body)
        self._log("GET", outcome, {"echostr": word})
        return {"ok": not reason, **outcome.view(), "reason": reason}

    def open_answer(self, body: bytes) -> str:
        """The plaintext of an answer; BadCipher or BadXml when it is not one."""
        text = body.decode("utf-8", "replace")
        if self._keys.agent_id:
            root = read(text)
            fields = [text_of(root, name) for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")]
        else:
            fields = _json_fields(text)
        encrypted, signed, timestamp, nonce = fields
        if signed != signature(self._keys.token, timestamp, nonce, encrypted):
            raise BadCipher("the signature is wrong")
        return decrypt(encrypted, self._key, self._keys.receive_id).decode("utf-8", "replace")

    def _sealed(self, plain: str, flaw: str, skew_ms: int) -> tuple[bytes, dict[str, str]]:
        receiver = OTHER_RECEIVER if flaw == "bad_receiver" else self._keys.receive_id
        text = _DTD + plain if flaw == "dtd" else plain
        encrypted = encrypt(text.encode(), self._key, receiver)
        if flaw == "truncated":
            encrypted = encrypted[:-9]
        query = self._query(encrypted, skew_ms)
        if flaw == "bad_signature":
            query["msg_signature"] = query["msg_signature"][::-1]
        if not self._keys.agent_id:
            return json.dumps({"encrypt": encrypted}).encode(), query
        fields = [
            ("ToUserName", self._keys.receive_id),
            ("AgentID", str(self._keys.agent_id)),
            ("Encrypt", encrypted),
        ]
        return ((_DTD if flaw == "dtd" else "") + write(fields)).encode(), query

    def _query(self, encrypted: str, skew_ms: int) -> dict[str, str]:
        timestamp, nonce = str((self._clock.now_ms() + skew_ms) // 1000), str(secrets.randbits(32))
        signed = signature(self._keys.token, timestamp, nonce, encrypted)
        return {"msg_signature": signed, "timestamp": timestamp, "nonce": nonce}

    async def _send(
        self, method: str, query: dict[str, str], seconds: float, body: bytes | None, headers: dict[str, str]
    ) -> Outcome:
        if self._session is None or not self.url.startswith(("http://", "https://")):
            return Outcome(0, 0.0, NO_URL)
        limit = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        url = f"{self.url}{'&' if '?' in self.url else '?'}{urlencode(query, quote_via=quote, safe='')}"
        try:
            async with self._session.request(
                method, _as_written(url), data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as response:
                answer = await response.read()
                return Outcome(response.status, 0.0, 0 if response.status == 200 else BAD_STATUS, answer)
        except (aiohttp.InvalidURL, ValueError):
            return Outcome(0, 0.0, NO_URL)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return Outcome(0, 0.0, NO_CONNECTION)
        except (TimeoutError, aiohttp.ClientError):
            return Outcome(0, 0.0, NO_ANSWER)

    def _log(self, method: str, outcome: Outcome, request: Any) -> None:
        self._calls.add(
            time=self._clock.iso(),
            direction="out",
            platform=NAME,
            method=method,
            path=urlsplit(self.url).path,
            status=outcome.status,
            code=outcome.code,
            ms=outcome.ms,
            request=request,
            response=outcome.body,
        )


def _as_written(url: str) -> URL:
    """The URL with its escapes left as they are: the echo holds + and /."""
    return URL(url, encoded=True)


def _shown(plain: str) -> Any:
    """JSON as an object, XML as its text."""
    try:
        return json.loads(plain)
    except ValueError:
        return plain


def _verdict(answer: Outcome, word: str) -> str:
    """Why the echo is not good, in Chinese; empty when it is."""
    if answer.code == NO_ANSWER:
        return "1 秒内没有回答"
    if answer.code in (NO_URL, NO_CONNECTION):
        return "连不上回调地址"
    if answer.status != 200:
        return f"HTTP 状态是 {answer.status}，不是 200"
    text = answer.body.decode("utf-8", "replace")
    if text == word:
        return ""
    if text.strip().strip("\"'\ufeff") == word:
        return "回答里多了引号、空白或 BOM"
    return "回答不是解密后的 echostr"


def _json_fields(text: str) -> list[str]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadXml("the answer is not JSON") from error
    if not isinstance(data, dict):
        raise BadXml("the answer is not an object")
    return [str(data.get(name, "")) for name in ("encrypt", "msgsignature", "timestamp", "nonce")]
