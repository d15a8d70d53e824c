"""What WeCom and DingTalk send, as whole HTTP requests or as the data of a Stream frame; every number is another event.

The line and the number of chats are those of the Feishu load, so that the rows can be read side by side.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import random
import struct
import time
from collections.abc import Mapping
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bench.product import COMPANY
from bench.traffic import CHATS, LINE, posted

WECOM, DINGTALK = COMPANY["wecom"], COMPANY["dingtalk"]
APP_PATH, BOT_PATH = "/callback/wecom/app", "/callback/wecom/bot"
ROBOT_PATH = "/callback/dingtalk/robot"
SAID = LINE.partition(" ")[2]
BLOCK = 32


def wecom_app(n: int) -> bytes:
    """A text to the self-built app: XML around encrypted XML."""
    now = int(time.time())
    inner = (
        f"<xml><ToUserName><![CDATA[{WECOM['corp_id']}]]></ToUserName>"
        f"<FromUserName><![CDATA[rep{n % CHATS}]]></FromUserName><CreateTime>{now}</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{SAID}]]></Content>"
        f"<MsgId>{10**15 + n}</MsgId><AgentID>{WECOM['agent_id']}</AgentID></xml>"
    )
    secret = sealed(inner.encode(), WECOM["aes_key"], WECOM["corp_id"])
    outer = (
        f"<xml><ToUserName><![CDATA[{WECOM['corp_id']}]]></ToUserName><Encrypt><![CDATA[{secret}]]></Encrypt>"
        f"<AgentID><![CDATA[{WECOM['agent_id']}]]></AgentID></xml>"
    )
    return posted(_signed(APP_PATH, WECOM["token"], secret), outer.encode(), {"Content-Type": "text/xml"})


def wecom_bot(n: int) -> bytes:
    """A text to the smart bot in a group, by URL: JSON around encrypted JSON."""
    body = {
        "msgid": f"{n:032x}",
        "aibotid": WECOM["bot_id"],
        "chatid": f"wr{n % CHATS:030x}",
        "chattype": "group",
        "from": {"userid": f"rep{n % CHATS}"},
        "response_url": f"https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code={n:032x}",
        "msgtype": "text",
        "text": {"content": f"@助手 {SAID}"},
        "create_time": int(time.time()),
    }
    secret = sealed(orjson.dumps(body), WECOM["bot_aes_key"], "")
    outer = orjson.dumps({"encrypt": secret})
    return posted(_signed(BOT_PATH, WECOM["bot_token"], secret), outer, {"Content-Type": "application/json"})


def dingtalk_message(n: int) -> dict[str, Any]:
    """A text to the robot in a group."""
    now = time.time_ns() // 1_000_000
    return {
        "conversationId": f"cid{n % CHATS:022x}==",
        "atUsers": [{"dingtalkId": "$:LWCP_v1:$bench"}],
        "chatbotCorpId": DINGTALK["corp_id"],
        "chatbotUserId": "$:LWCP_v1:$bench",
        "msgId": f"msg{n:022x}==",
        "senderNick": "李雷",
        "isAdmin": False,
        "senderStaffId": f"rep{n % CHATS}",
        "sessionWebhookExpiredTime": now + 5_400_000,
        "createAt": now,
        "senderCorpId": DINGTALK["corp_id"],
        "conversationType": "2",
        "conversationTitle": "华东一组群",
        "isInAtList": True,
        "senderId": "$:LWCP_v1:$benchsender",
        "sessionWebhook": f"https://oapi.dingtalk.com/robot/sendBySession?session={n:032x}",
        "robotCode": DINGTALK["robot_code"],
        "senderPlatform": "Mac",
        "msgtype": "text",
        "text": {"content": f" {SAID}"},
    }


def dingtalk_robot(n: int) -> bytes:
    """The same as DingTalk posts it: plain JSON, the headers signed."""
    stamp = str(time.time_ns() // 1_000_000)
    headers = {"Content-Type": "application/json; charset=utf-8", "timestamp": stamp, "sign": robot_sign(stamp)}
    return posted(ROBOT_PATH, orjson.dumps(dingtalk_message(n)), headers)


def robot_sign(stamp: str) -> str:
    """The `sign` header of a robot message."""
    secret: str = DINGTALK["app_secret"]
    return base64.b64encode(hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), "sha256")).decode()


def stream_frame(n: int) -> str:
    """The same message as it comes over Stream."""
    message: Mapping[str, Any] = dingtalk_message(n)
    headers = {
        "appId": DINGTALK["app_key"],
        "connectionId": "bench",
        "contentType": "application/json",
        "messageId": f"{n:032x}",
        "time": str(message["createAt"]),
        "topic": "/v1.0/im/bot/messages/get",
    }
    frame = {"specVersion": "1.0", "type": "CALLBACK", "headers": headers, "data": orjson.dumps(message).decode()}
    return orjson.dumps(frame).decode()


def sealed(plain: bytes, aes_key: str, receiver: str) -> str:
    """Encrypted as WeCom does it."""
    key = base64.b64decode(aes_key + "=")
    text = os.urandom(16) + struct.pack(">I", len(plain)) + plain + receiver.encode()
    padding = BLOCK - len(text) % BLOCK
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(text + bytes([padding]) * padding) + cipher.finalize()).decode()


def _signed(path: str, token: str, secret: str) -> str:
    """The path with the signature in its query."""
    stamp, nonce = str(int(time.time())), str(random.randrange(10**9))
    proof = hashlib.sha1("".join(sorted((token, stamp, nonce, secret))).encode()).hexdigest()
    return f"{path}?msg_signature={proof}&timestamp={stamp}&nonce={nonce}"
