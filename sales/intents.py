"""What a line without a command word is about: a first, honest level by clear patterns. surface.md (parse), ux.md 3."""

from __future__ import annotations

import re

from sales.amounts import is_question

_OVERRIDE = re.compile(
    r"(?:忽略|无视|忘记|忘掉|不要管|不用管|跳过|绕过).{0,12}(?:规则|指令|提示|设定|限制|上面|之前|以上|前面"
    r"|要求|权限)|ignore .{0,20}(?:rule|instruction|previous)"
    r"|system prompt|系统提示词|你现在是(?!否)|扮演|开发者模式|drop table|select .{1,40} from|\{\{|<script",
    re.IGNORECASE,
)
_TALK = re.compile(
    r"(?:好的?|行|可以|收到|知道了|谢谢[你您]?|辛苦了?|ok|okay|嗯+|哦+|哈+|在吗|[你您]好|早上?好?|晚安|拜拜|再见"
    r"|不客气|没事|对|是的?|1+|6+|[.。…!~ ])+",
    re.IGNORECASE,
)
_UNDO = re.compile(
    r"(?:上一?[条个单笔]|上一条|刚才|刚刚|刚录|前一?[条个单]).{0,8}(?:不对|错|删|撤|作废|不算|取消)|(?:录|写"
    r"|打|弄|填|记)错了|^(?:撤|删)(?:掉|了)?(?:上一|刚)"
)
_LOST = re.compile(
    r"丢了|黄了|没戏|泡汤|飞了|凉了|丢单|丢给|输给|流失|丢标|没中标|被.{1,8}(?:抢|拿下|拿走|签走|撬)|(?:客户"
    r"|他们|那边|医院|公司)?不(?:做|买|采购|上)了"
    r"|取消采购|项目取消|选了?(?:别家|别人|竞品|对手|竞争对手)|签了?(?:别家|竞品|对手)"
)
_HOW = re.compile(
    r"(?:怎么|如何|咋)(?:用|录|弄|操作|写|填|传|撤|改|看|绑|申请|查)|能(?:干|做)(?:什么|啥)|有(?:什么"
    r"|哪些)(?:功能|命令)|你会(?:什么|啥)|教我"
)
_BUSINESS = re.compile(
    r"业绩|目标|差多少|商机|[几多少]单|单子|客户|线索|金额|多少钱|多少万|几[个家条]|排名|进度|阶段|到哪|进展"
    r"|完成|签了|签约|回款|pci|ldr|ada|预测|漏斗|万|审批"
    r"|公海|跟进|凭证|报价|成交|本[周月季]|这[周月个]|上[周月]|第[0-9一二三四五六七八]关|冻结|谁|医院|公司"
    r"|医疗|集团|项目|订单|#?[0-9]+号?单?",
    re.IGNORECASE,
)
_STATUS = re.compile(
    r"还差多少|差几|(?:看|查)(?:一下|下|看)?.{0,10}(?:业绩|目标|进度|商机|排名|数据|情况|金额|线索|单子|漏斗"
    r"|报表|周报|pci|ldr|ada)|(?:业绩|排名|进度|完成率|目标)(?:情况|咋样|怎样|如何|$)|怎么样了|什么情况"
    r"|到哪一?步"
)
_CONFIG = re.compile(
    r"(?:把|将).{0,20}(?:预警|阈值|线|规则|提醒|时限|时间|上限|下限|比例|模板|称呼|安静|免打扰|凭证|关卡?"
    r"|保鲜期|小时).{0,10}(?:改成|改为|改到|调到|调成|调整为|设为|设成|设置为|定为)"
    r"|第[0-9一二三四五六七八]关.{0,14}(?:要|不要|改|加上?|去掉|不用)|(?:关掉|关闭|开启|停掉).{0,10}(?:提醒"
    r"|预警|推送|日报|周报)"
)
_TOUCH = re.compile(
    r"打通|接通|打?不通|通了|没接|没人接|无人接|不接|空号|关机|停机|占线|拒接|号码(?:错|不对)|联系上|联系到"
    r"|联系过|加(?:上|了|到).{0,4}微信|线索.{0,8}(?:打|联系|聊|电话)"
)
_PAPER = re.compile(
    r"会议纪要|纪要|匹配表|需求表|比价表|配置[清]?单|合同扫描|扫描件|盖章合同|签字页|签章|方案pdf|预算确认书"
    r"|确认书|确认函|决策链|凭证|确认邮件|邮件确认|报价单|红章|合同|附件|标书|回执|验收单|盖[了好]?章"
    r"|签[了好]?字",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"见图|见附|如图|附上|附件|发[你您了给过来上]|上?传|拍|给你|来了|拿到|拿回|签(?:好|字|了|完|回)|盖(?:好|了"
    r"|完|章)|补(?:上|了|一|交)?|在这|这是|好了|已|有了|到了|收到"
)
_UPDATE = re.compile(
    r"(?:谈|涨|降|砍|加|减|改|调|提|压)(?:价)?(?:到|成|为)|金额.{0,4}(?:改|变|调|应该)|(?:改|更新"
    r"|变更)(?:一下|下)?.{0,6}(?:金额|产品|签约|预算|数量|客户)|(?:签约|交付|开标|成交)(?:日|日期"
    r"|时间)?.{0,3}(?:推|提|延|改|定|在|明年|今年|[0-9]|年|下|本|月)"
    r"|^(?:签约|预算|关键人|决策人)|推迟|延期|提前|追加|(?:加|减|少|多)[了]?[一两三0-9]+[台套]|进(?:入"
    r"|到)?第?[一二三四五六七八0-9]阶段|不是.{1,12}(?:而是|是)|换成|改[成为]|管预算|管钱"
)
_FOLLOW = re.compile(
    r"聊(?:完|过|了|得|到|下来|的)|见(?:了|过|完|到|面)|拜访|回访|沟通|交流|演示|汇报|对接(?:了|过|上)|跑了"
    r"|去了|打了?.{0,3}电话|通电话|吃了?个?饭|开(?:了|完)会|约(?:了|好|到|在|下)|勘察|踏勘|送(?:了|去)|反馈"
    r"|需求.{0,4}(?:清|明)|谈(?:了|过|完|得|妥|好)|跟进|试用|样机|下次|再约|见面|登门|上门|碰头|介绍了"
)
_BUY = re.compile(
    r"采购|订购|购买|购置|想买|要买|要上|要换|要订|下单|新客户|新单|单子|意向|要[一两三四五六七八九十0-9]+[台套]"
    r"|定了|订了|买|录单|需要"
)


def overrides_rules(line: str) -> bool:
    """True for a text that gives orders to ignore rules, or code: never an intent."""
    return _OVERRIDE.search(line) is not None


def is_small_talk(line: str) -> bool:
    """True for thanks, greetings, a bare yes."""
    return _TALK.fullmatch(line) is not None


def wants_to_buy(line: str) -> bool:
    """True when a word says that somebody buys or that this is a new deal."""
    return _BUY.search(line) is not None


def changes_or_tells(line: str) -> bool:
    """True when a word makes a line with an amount something else than a new deal: a change, a loss, a talk."""
    if _LOST.search(line) or _UPDATE.search(line) or _TOUCH.search(line) or _UNDO.search(line):
        return True
    return _FOLLOW.search(line) is not None and not wants_to_buy(line)


def changes_amount(line: str) -> bool:
    """True when the line gives a new amount: 谈到 65 万, 金额改成 130 万; a budget is none."""
    return re.search(r"(?:谈|涨|降|砍|加|减|改|调|提|压)价?[到成为]|金额", line) is not None and "预算" not in line


def about(line: str) -> str:
    """The intent of a line that is no command and no deal. Questions are never acts."""
    if is_small_talk(line):
        return "none"
    if is_question(line) or re.search(r"怎么|什么|哪|谁|几[个单家条台]|为啥", line):
        if _HOW.search(line):
            return "help"
        return "status" if _BUSINESS.search(line) else "none"
    orders = (
        ("undo", _UNDO.search(line)),
        ("config", _CONFIG.search(line)),
        ("deal_lost", _LOST.search(line)),
        ("evidence", _PAPER.search(line) and _SENT.search(line)),
        ("lead_touch", _TOUCH.search(line)),
        ("status", _STATUS.search(line)),
        ("deal_update", _UPDATE.search(line)),
        ("followup", _FOLLOW.search(line)),
    )
    return next((intent for intent, found in orders if found), "none")
