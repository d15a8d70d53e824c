"""The vendor's own long-connection client, unmodified, against the simulator: connect, receive, click, come back.

It binds an event loop of its own at import and never stops, so it is a program of its own: this file, run with
the simulator's address, prints a line of JSON for each thing that happens.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from simulator.app import make_app
from simulator.company import load_company
from simulator.feishu.http import FEISHU
from simulator.feishu.socket import Sockets
from simulator.options import COMPANY_FILE, Options

APP = load_company(COMPANY_FILE).app
DEADLINE_SECONDS = 90

Json = dict[str, Any]


class Sdk:
    """The other process: what it printed, in order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def told(self) -> Any:
        """The next thing it printed."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), DEADLINE_SECONDS)
        return json.loads(line)

    async def stop(self) -> str:
        """What it complained of."""
        self._process.kill()
        _, errors = await self._process.communicate()
        return errors.decode()


class Sim:
    """A simulator in this process that sends over long connections."""

    def __init__(self, base: str, sockets: Sockets, http: aiohttp.ClientSession) -> None:
        self.base = base
        self.sockets = sockets
        self.http = http
        sockets.config |= {"ReconnectNonce": 0, "ReconnectInterval": 1, "PingInterval": 60}

    async def sim(self, what: str, **body: Any) -> Json:
        async with self.http.post(f"{self.base}/sim/{what}", json=body) as response:
            found: Json = await response.json()
            assert response.status == 200, found
            return found

    async def card(self, name: str) -> None:
        """The app sends a card with one button."""
        app = {"app_id": APP.app_id, "app_secret": APP.app_secret}
        auth = f"{self.base}/open-apis/auth/v3/tenant_access_token/internal"
        async with self.http.post(auth, json=app) as response:
            headers = {"Authorization": f"Bearer {(await response.json())['tenant_access_token']}"}
        person = load_company(COMPANY_FILE).find(name)
        assert person is not None
        text = {"tag": "plain_text", "content": "同意"}
        button = {"tag": "button", "text": text, "behaviors": [{"type": "callback", "value": {"a": "agree"}}]}
        card = {"schema": "2.0", "header": {"title": text}, "body": {"elements": [button]}}
        body = {"receive_id": person.open_id, "msg_type": "interactive", "content": json.dumps(card)}
        send = f"{self.base}/open-apis/im/v1/messages?receive_id_type=open_id"
        async with self.http.post(send, json=body, headers=headers) as response:
            assert response.status == 200, await response.text()


@asynccontextmanager
async def connected(secret: str = APP.app_secret) -> AsyncIterator[tuple[Sim, Sdk]]:
    """A simulator, and the vendor's client on its way to it."""
    app = make_app(Options(vendors=("feishu",), modes={"feishu": "socket"}))
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        base = f"http://127.0.0.1:{server.port}"
        process = await asyncio.create_subprocess_exec(
            sys.executable, __file__, base, secret,
            env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        sdk = Sdk(process)
        try:
            yield Sim(base, app[FEISHU].sockets, http), sdk
        finally:
            await sdk.stop()


async def test_vendors_client_connects_receives_answers_a_click_and_comes_back() -> None:
    async with connected() as (sim, sdk):
        assert await sdk.told() == ["ready"]
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not (sim.sockets.open and sim.sockets.open[0].pings):
                await asyncio.sleep(0.02)
        first = sim.sockets.open[0]

        said = await sim.sim("say", user="李雷", text="录单 华东医疗 CT机 120万")
        assert await sdk.told() == ["message", "录单 华东医疗 CT机 120万"]
        assert (said["delivered"]["status"], said["delivered"]["code"]) == (200, 0)

        sim.sockets.part_bytes = 50
        said = await sim.sim("say", user="李雷", text="目标" * 60)
        assert await sdk.told() == ["message", "目标" * 60]
        assert said["delivered"]["code"] == 0

        await sim.card("韩梅梅")
        click = await sim.sim("click", user="韩梅梅", button="同意")
        assert await sdk.told() == ["click", {"a": "agree"}]
        assert (click["status"], click["code"], click["toast"]["content"]) == (200, 0, "已同意")

        broken = await sim.sim("say", user="李雷", text="出错")
        assert await sdk.told() == ["message", "出错"]
        assert (broken["delivered"]["status"], broken["delivered"]["code"]) == (500, 200671)

        await sim.sim("feishu/sockets", do="close")
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not sim.sockets.open or sim.sockets.open[0] is first:
                await asyncio.sleep(0.02)
        await sim.sim("say", user="李雷", text="又来")
        assert await sdk.told() == ["message", "又来"]


async def test_vendors_client_gives_up_where_the_secret_is_wrong() -> None:
    async with connected("wrong") as (sim, sdk):
        assert await sdk.told() == ["ready"]
        assert await sdk.told() == ["refused", 514]
        assert sim.sockets.open == []


def tell(*what: Any) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def run(base: str, secret: str) -> None:
    """The vendor's client, as its documentation has it."""
    import lark_oapi as lark
    from lark_oapi.event.callback.model.p2_card_action_trigger import P2CardActionTriggerResponse
    from lark_oapi.ws.exception import ClientException

    def message(data: Any) -> None:
        text = json.loads(data.event.message.content)["text"]
        tell("message", text)
        if text == "出错":
            raise RuntimeError(text)

    def click(data: Any) -> Any:
        tell("click", data.event.action.value)
        return P2CardActionTriggerResponse({"toast": {"type": "success", "content": "已同意"}})

    builder = lark.EventDispatcherHandler.builder("", "")
    handler = builder.register_p2_im_message_receive_v1(message).register_p2_card_action_trigger(click).build()
    tell("ready")
    client = lark.ws.Client(APP.app_id, secret, event_handler=handler, domain=base, log_level=lark.LogLevel.CRITICAL)
    try:
        client.start()
    except ClientException as refused:
        tell("refused", refused.code)


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2])
