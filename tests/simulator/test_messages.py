"""What the chat shows of texts and rich texts the bot sends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.messages import plain_text


@pytest.mark.parametrize(
    ("msg_type", "content", "shown"),
    [
        ("text", {"text": '看这里 <at user_id="ou_1">李雷</at>'}, "看这里 @李雷"),
        ("text", {"text": '<at user_id="all"></at> 开会'}, "@all 开会"),
        (
            "post",
            {"zh_cn": {"title": "周报", "content": [[{"tag": "text", "text": "一"}], [{"tag": "img"}]]}},
            "周报\n一\n[图片]",
        ),
        ("post", {"content": [[{"tag": "at", "user_name": "李雷"}, {"tag": "a", "text": "打开"}]]}, "@李雷打开"),
        ("interactive", {"schema": "2.0"}, ""),
    ],
)
def test_text_is_readable(msg_type: str, content: Any, shown: str) -> None:
    assert plain_text(msg_type, json.dumps(content)) == shown


async def test_rich_text_is_checked(sim: Any) -> None:
    good = {"zh_cn": {"title": "周报", "content": [[{"tag": "text", "text": "一"}]]}}
    assert (await sim.send("李雷", good, msg_type="post"))[0] == 200
    [shown] = await sim.messages("李雷")
    assert shown["text"] == "周报\n一"
    wrong: tuple[Any, ...] = (["x"], [["x"]], [[{"tag": "img", "image_key": "img_x"}]], {})
    for rows in wrong:
        status, answer = await sim.send("李雷", {"zh_cn": {"content": rows}}, msg_type="post")
        assert (status, answer["code"]) == (400, 230001)


@pytest.mark.parametrize(("content", "code"), [("{", 230001), ("[]", 230001), (7, 230001)])
async def test_content_must_be_a_json_text(sim: Any, content: Any, code: int) -> None:
    body = {"receive_id": sim.desk.person("李雷").open_id, "msg_type": "text", "content": content}
    params = {"receive_id_type": "open_id"}
    assert (await sim.api("POST", "im/v1/messages", params=params, json=body))[1]["code"] == code


async def test_own_uploads_only(sim: Any) -> None:
    blob = sim.feishu.world.add_blob(kind="file", name="a", mime="text/plain", data=b"1", owner="user")
    _, answer = await sim.send("李雷", {"file_key": blob.key}, msg_type="file")
    assert answer["code"] == 230017
