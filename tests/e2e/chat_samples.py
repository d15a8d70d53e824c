"""Messages of WeCom and DingTalk as their vendors keep them, for tests that look at the chat page."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

LINK = "http://127.0.0.1:9/p/17"

WECOM_DEAL: Json = {
    "card_type": "button_interaction",
    "task_id": "deal-17-1",
    "source": {"desc": "10 分钟内可撤销", "desc_color": 3},
    "main_title": {"title": "已录单 #17 华东医疗", "desc": "¥1,200,000.00"},
    "horizontal_content_list": [
        {"keyname": "产品", "value": "CT机"},
        {"keyname": "阶段", "value": "1 初步接触"},
        {"keyname": "负责人", "value": "m03", "type": 3, "userid": "M03"},
        {"keyname": "关键人", "value": "还没有，下一关要两位，其中一位管预算的人，最好有电话"},
    ],
    "sub_title_text": "还可补 签约日、预算、关键人",
    "button_list": [
        {"text": "补信息", "style": 1, "key": "fill"},
        {"text": "撤销", "style": 3, "key": "undo"},
        {"type": 1, "text": "打开", "style": 2, "url": LINK},
    ],
    "action_menu": {"desc": "更多", "action_list": [{"text": "别再提醒", "key": "mute"}]},
}

WECOM_REJECT: Json = {
    "card_type": "button_interaction",
    "task_id": "apr-3-1",
    "source": {"desc": "等你决定", "desc_color": 1},
    "main_title": {"title": "李雷申请 8.8 折（让 12%）", "desc": "ZK-20261119-0003"},
    "button_selection": {
        "question_key": "reason",
        "title": "驳回的原因",
        "option_list": [
            {"id": "none", "text": "（请选）"},
            {"id": "price", "text": "毛利不够"},
            {"id": "other", "text": "其他"},
        ],
    },
    "button_list": [{"text": "同意", "style": 1, "key": "ok"}, {"text": "驳回", "style": 3, "key": "no"}],
}

WECOM_VOTE: Json = {
    "card_type": "vote_interaction",
    "task_id": "ev-7-3",
    "main_title": {"title": "第 3 关凭证", "desc": "勾选已有的"},
    "checkbox": {
        "question_key": "ev",
        "mode": 1,
        "option_list": [
            {"id": "sheet", "text": "需求匹配表", "is_checked": True},
            {"id": "minutes", "text": "会议纪要", "is_checked": False},
        ],
    },
    "submit_button": {"text": "提交", "key": "save"},
}

WECOM_MULTIPLE: Json = {
    "card_type": "multiple_interaction",
    "task_id": "qe-9-1",
    "main_title": {"title": "补两项", "desc": "#17 华东医疗"},
    "select_list": [
        {
            "question_key": "stage",
            "title": "阶段",
            "selected_id": "s2",
            "option_list": [{"id": "s1", "text": "初访"}, {"id": "s2", "text": "方案"}],
        },
        {"question_key": "product", "title": "产品", "option_list": [{"id": "ct", "text": "CT机"}]},
    ],
    "submit_button": {"text": "提交", "key": "save"},
}

WECOM_NOTICE: Json = {
    "card_type": "text_notice",
    "source": {"desc": "单周预警", "desc_color": 2},
    "main_title": {"title": "LDR 21.95%，过了 20% 线", "desc": "全公司 · W47 暂计"},
    "emphasis_content": {"title": "21.95%", "desc": "9/41 条没人碰"},
    "quote_area": {"title": "阈值", "quote_text": "单周 LDR > 20%"},
    "jump_list": [{"type": 1, "title": "看明细", "url": LINK}],
    "card_action": {"type": 1, "url": LINK},
}

WECOM_NEWS: Json = {"articles": [{"title": "本周 LDR 趋势", "description": "W40 到 W47", "url": LINK}]}

WECOM_TEXTCARD: Json = {
    "title": "周报",
    "description": '<div class="gray">W47</div><div class="highlight">漏斗变慢</div>详见页面',
    "url": LINK,
    "btntxt": "看周报",
}

WECOM_MARKDOWN = '### LDR 预警\n> 9/41 条没人碰\n<font color="warning">过线</font> **21.95%** <@M02>\n- 不是列表'

AI_TEMPLATE = "382e4302-551d-4880-bf29-a30acfab2e71.schema"


def dingtalk_card(title: str, body: str, *buttons: Json, **more: str) -> Json:
    """A card of the shared template."""
    order = ["msgTitle", "staticMsgContent", "msgButtons"]
    shown = {"order": order, "msgButtons": list(buttons)}
    data = {"msgTitle": title, "staticMsgContent": body, "flowStatus": "3", **more}
    whole = json.dumps(shown, ensure_ascii=False)
    return {"cardTemplateId": AI_TEMPLATE, "cardParamMap": {**data, "sys_full_json_obj": whole}}


DINGTALK_ALERT = dingtalk_card(
    "LDR 21.95%，过了 20% 线",
    "单周预警<br>**9/41 条没人碰**\n\n**范围**：全公司<br>**最差**：华东一组 36.36%（4/11）\n> 暂计，11-25 定数",
    {"text": "知道了", "color": "blue", "id": "ack", "request": True},
    {"text": "去补缺口", "color": "gray", "id": "fix", "request": True},
    {"text": "看明细", "color": "gray", "url": LINK},
)

DINGTALK_FORM: Json = {
    "cardTemplateId": "sim-form.schema",
    "cardParamMap": {
        "title": "补信息 #17",
        "body": "还差 **三项**",
        "form": json.dumps(
            {
                "fields": [
                    {"name": "deal", "type": "TEXT", "hidden": True, "defaultValue": "17"},
                    {"name": "amount", "label": "金额", "type": "NUMBER", "required": True},
                    {
                        "name": "stage",
                        "label": "阶段",
                        "type": "SELECT",
                        "options": [{"value": "s1", "text": "初访"}, {"value": "s2", "text": "方案"}],
                        "defaultValue": {"index": 1, "value": "s2"},
                    },
                    {"name": "day", "label": "签约日", "type": "DATE"},
                    {"name": "note", "label": "备注", "type": "TEXT_AREA"},
                ]
            },
            ensure_ascii=False,
        ),
        "form_status": "normal",
        "form_btn_text": "保存",
    },
}

DINGTALK_ACTION_CARD: Json = {
    "title": "周报",
    "text": "#### W47 周报\n\n漏斗变慢\n华东一组 3 单停在第 3 关",
    "btnOrientation": "1",
    "btns": [{"title": "看周报", "actionURL": LINK}, {"title": "看漏斗", "actionURL": LINK}],
}

DINGTALK_MARKDOWN = "### 今天 4 件\n\n- #6 合肥安和 快掉了\n- 第 2 件\n\n[待我审批](dtmd://dingtalkclient/sendMessage?content=%E5%BE%85%E6%88%91%E5%AE%A1%E6%89%B9)"
