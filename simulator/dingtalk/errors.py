"""The vendor's error codes: words with an HTTP status on the new host, numbers inside HTTP 200 on the old one."""

from __future__ import annotations

from typing import Any

QPS = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"
QUOTA = "Forbidden.AccessDenied.ApiCountLimitForOrg"
NO_PERMISSION = "Forbidden.AccessDenied.AccessTokenPermissionDenied"
TEXTS: dict[str | int, str] = {
    "InvalidAuthentication": "不合法的access_token",
    "invalidClientIdOrSecret": "无效的clientId或者clientSecret",
    "InvalidAction.NotFound": "Specified api is not found, please check your url and method.",
    "invalidJson": "The body is not a JSON object",
    "resource.not.found": "robot 不存在",
    "session.notExisted": "session 不存在",
    "session.expired": "session 已过期",
    "system.error": "系统错误",
    "send.too.fast": "发送过快",
    "ding.serverquota.insufficient": "DING 次数不足",
    "staffId.notExisted": "userId 不存在",
    "robot.oto.notExist": "机器人不可用于单聊",
    "invalid.openConversationId": "openConversationId 无效",
    "bot.stopped": "机器人已停用",
    "param.cardAlreadyExist": "outTrackId 对应的卡片已存在",
    "param.cardNotExist": "卡片不存在",
    "param.cardDataAndPrivateDataBothEmpty": "cardData 和 privateData 不能同时为空",
    "param.templateNotExist": "卡片模板不存在",
    "invalidParameter.robotCode.downloadCode": "downloadCode 无效或已过期",
    "invalidParameter.robotCode.auth": "robotCode 与收到消息的机器人不一致",
    "invalidParameter.userIds.overMax": "userIds 超过最大数量",
    QPS: "Forbidden. Request was denied due to qps limit of appkey and api.",
    QUOTA: "Forbidden. The api call count of this organization reached its monthly limit.",
    NO_PERMISSION: "Forbidden. The access token has no permission of this api.",
    -1: "系统繁忙",
    15: "远程服务调用超时",
    33012: "无效的 userId",
    40014: "不合法的access_token",
    40035: "不合法的参数",
    40078: "不存在的临时授权码",
    40089: "不合法的 appkey 或 appsecret",
    40104: "无效手机号",
    43004: "无效的HTTP HEADER Content-Type",
    60003: "部门不存在",
    60121: "找不到该用户",
    90018: "appkey 调用该接口超过每秒限制",
    90020: "企业调用接口次数超过每月限制",
    400013: "群已被解散",
    400101: "access_token 不存在",
    400102: "机器人已停用",
    400105: "不支持的消息类型",
    400106: "机器人不存在",
    410100: "发送速度太快而限流",
    310000: "消息校验未通过",
    300005: "token is not exist",
}


class ApiError(Exception):
    """The call is refused. A text code belongs to the new host, a number to the old one."""

    def __init__(self, code: str | int, detail: str = "", *, http: int | None = None) -> None:
        text = TEXTS.get(code, "参数错误")
        self.code = code
        self.message = f"{text}：{detail}" if detail else text
        self.http = http or (403 if str(code).startswith("Forbidden.") else 400)
        super().__init__(f"{code} {self.message}")

    def answer(self, request_id: str) -> tuple[int, dict[str, Any]]:
        """Status and body as the host of the code prints them."""
        if isinstance(self.code, int):
            return 200, {"errcode": self.code, "errmsg": self.message, "request_id": request_id}
        return self.http, {"code": self.code, "requestid": request_id, "message": self.message}


def missing(name: str) -> ApiError:
    """A required field of the new host is not there."""
    return ApiError(f"miss.param.{name}", name)


def invalid(name: str, why: str = "") -> ApiError:
    """A field of the new host has a value it cannot have."""
    return ApiError(f"invalidParameter.{name}", why or name)
