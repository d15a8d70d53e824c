"""How a chat line is understood. R-QE-1, R-QE-3, R-QE-4, R-HOLD, R-MONEY."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sales.quickentry import Reading, as_json, read_line

NOW = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)


def read(text: str, *products: str) -> Reading:
    return read_line(text, now=NOW, products=products)


def test_documented_line_r_qe_1() -> None:
    assert read("录单 华东医疗 CT机 120万") == Reading(
        "deal", customer="华东医疗", product="CT机", amount_fen=120_000_000
    )


@pytest.mark.parametrize("order", list(itertools.permutations(("华东医疗", "CT机", "120万"))))
@pytest.mark.parametrize("between", [" ", "，", "、", "\n", " - ", "/", ""])
def test_facts_in_any_order_with_any_separator_r_qe_1(order: tuple[str, ...], between: str) -> None:
    reading = read("录单" + (between or " ") + between.join(order))
    assert (reading.customer, reading.product, reading.amount_fen) == ("华东医疗", "CT机", 120_000_000)
    assert (reading.ask, reading.ambiguous) == ((), False)


@pytest.mark.parametrize(
    "line",
    [
        "录入 {}", "报单 {}", "新单 {}", "加个单 {}", "记一单 {}", "ld {}", "LD{}", "錄單 {}",
        "录单：{}", "帮我录单 {}", "请录单 {}。谢谢", "我要录单{}",
        "@销售助手 录单 {}", "@销售助手录单{}", "@小助手 录单 {}", "你好，录单 {}", "录单\n{}",
        "录单 {} 谢谢啦", "录单 {} [强]", "{} 录单", "{}，帮我录个单", "帮我把{}录一下",
    ],
)  # fmt: skip
def test_command_word_and_politeness_are_tolerated(line: str) -> None:
    reading = read(line.format("华东医疗 CT机 120万"))
    assert (reading.intent, reading.customer, reading.product) == ("deal", "华东医疗", "CT机")
    assert (reading.amount_fen, reading.ask, reading.repaired) == (120_000_000, (), "")


@pytest.mark.parametrize("word", ["陆单", "路单", "录但", "彔单"])
def test_repaired_word_is_told(word: str) -> None:
    assert read(f"{word} 华东医疗 CT机 120万").repaired == "录单"


def test_two_readings_of_the_amount_are_offered_k3() -> None:
    reading = read("录单 华东医疗 CT机 一百二")
    assert (reading.amount_fen, reading.amount_choices, reading.why) == (None, (120_000_000, 12_000), "no_unit")
    assert (reading.ask, reading.ambiguous) == (("amount",), True)


def test_own_product_names_are_known() -> None:
    assert read("录单 弘康云影 120万").product == ""
    reading = read("录单 弘康云影Pro 120万", "云影pro", " ")
    assert (reading.customer, reading.product) == ("弘康", "云影Pro")


def test_question_shaped_like_a_deal_is_no_deal_r_qe_3() -> None:
    assert read("华东医疗CT机是120万吗").intent == "status"
    asked = read("录单 华东医疗 CT机 120万？")
    assert (asked.intent, asked.ask, asked.ambiguous) == ("deal", ("amount",), True)


def test_exact_command_word_wins() -> None:
    assert read("LDR 华东医疗 CT机 120万").intent == "command"
    assert read("LDR 本周多少？").fields == {"name": "LDR", "typed": "LDR", "rest": "本周多少?"}
    assert read("客户 华东医疗").intent == "command"


def test_near_miss_of_a_decision_is_none() -> None:
    reading = read("同义 ZK-20261119-0003")
    assert (reading.intent, reading.why, reading.fields) == ("none", "near_miss", {"near": "同意"})


def test_more_that_was_read_is_kept_r_hold() -> None:
    reading = read("录单 华东医疗 王主任 CT机 2台 120万 下周招标 急")
    assert reading.fields == {"quantity": "2台", "contact": "王主任", "note": "下周招标"}
    assert (reading.customer, reading.product, reading.amount_fen) == ("华东医疗", "CT机", 120_000_000)


@pytest.mark.parametrize(
    ("line", "customer", "product"),
    [
        ("录单 华东医疗 江南康复医院 CT机 120万", "", "CT机"),
        ("录单 华东医疗 CT机 DR 120万", "华东医疗", ""),
        ("录单 华东医疗 CT机 太贵了 120万", "华东医疗", ""),
        ("录单 华东医疗 太贵 不要 120万", "华东医疗", ""),
        ("录单 弘康 太贵 CT机 120万", "", "CT机"),
        ("录单 甲 乙 丙 120万", "", ""),
        ("录单 三只松鼠 彩超 120万", "三只松鼠", "彩超"),
        ("录单 万达集团 200万像素摄像头 120万", "万达集团", "200万像素摄像头"),
        ("录单 ¥2,103,600 百度 DR", "百度", "DR"),
        ("录单 弘康 医疗 监护仪 3万", "弘康医疗", "监护仪"),
        ("录单 弘康医院 信息中心 服务器 3万", "弘康医院", "服务器"),
        ("录单 弘康医院 500W便携组件 3万", "弘康医院", "500W便携组件"),
        ("录单 弘康医院 加急啊 CT机 3万", "弘康医院", "CT机"),
        ("录单 弘康医院 - 给一下 - CT机 3万", "弘康医院", "CT机"),
        ("录单 华东医疗 弘毅 血糖仪 5万", "华东医疗", "弘毅 血糖仪"),
        ("录单 弘康汽配 烤漆房 5万", "弘康汽配", "烤漆房"),
        ("录单 华东医疗弘毅培养柜 5万", "华东医疗", "弘毅培养柜"),
        ("录单 华东医疗 监控改造 5万", "华东医疗", "监控改造"),
        ("录单 华东医院急诊科 CT机 5万", "华东医院", "CT机"),
        ("录单 华东医院急 CT机 5万", "华东医院", "CT机"),
        ("录单 电梯弘 华东医院 5万", "华东医院", "电梯弘"),
        ("录单 华东科技弘康彩超 120万", "", ""),
        ("录单 华东医疗 吧 120万", "华东医疗", ""),
        ("录单 华东医疗X 120万", "华东医疗", ""),
        ("录单 医院彩超 120万", "", "彩超"),
        ("录单 彩超医院 120万", "彩超医院", ""),
        ("录单 CT机三台县人民医院 120万", "三台县人民医院", "CT机"),
        ("录单 64排CT华东医疗 120万", "华东医疗", "64排CT"),
        ("录单 彩超弘康 120万", "", ""),
        ("录单 彩超芜湖弘康 120万", "芜湖弘康", "彩超"),
        ("录单 芜湖彩超 120万", "", "彩超"),
        ("录单 华东医疗灭菌柜 120万", "华东医疗", "灭菌柜"),
        ("录单 华东医疗设备科CT机 120万", "华东医疗", "CT机"),
        ("录单 华东医院设备科要买CT机 120万", "华东医院", "CT机"),
        ("录单 华东医院设备科 CT机 120万", "华东医院", "CT机"),
        ("录单 华东医院要CT机 120万", "华东医院", "CT机"),
        ("录单 华东医疗uCT760 600万", "华东医疗", "uCT760"),
        ("录单 华东医疗弘毅灵 60万", "华东医疗", "弘毅灵"),
        ("录单 设备科 CT机 60万", "", "CT机"),
        ("录单 CT球管 华东医疗 60万", "华东医疗", "CT球管"),
        ("录单 华东医疗 便携式 60万", "华东医疗", "便携式"),
        ("录单 CT机 便携式 60万", "", "CT机 便携式"),
        ("录单 弘康要彩超 60万", "弘康", "彩超"),
        ("录单 弘康 三诺血糖分析柜 60万", "弘康", "三诺血糖分析柜"),
        ("录单 客户：弘康 2台 产品：灵犀 金额：60万", "弘康", "灵犀"),
        ("录单 客户： 产品：灵犀 金额：60万", "", "灵犀"),
        ("录单 客户：王主任 产品：灵犀 金额：60万", "", "灵犀"),
        ("录单 联系人：王主任 客户：弘康 数量：2 备注：急 产品：灵犀 60万", "弘康", "灵犀"),
        ("录单 华东医疗(王主任) CT机(64排) 60万", "华东医疗", "CT机 64排"),
        ("录单 两台CT 60万 华东医疗", "华东医疗", "CT"),
        ("录单 华东两台彩超 60万", "", "彩超"),
        ("录单 弘康两台彩超 60万", "弘康", "彩超"),
        ("录单 江苏三台化工 反应釜 60万", "江苏三台化工", "反应釜"),
        ("录单 小王主任 CT机 60万", "", "CT机"),
        ("录单 弘康王主任 CT机 60万", "弘康", "CT机"),
    ],
)
def test_customer_and_product_are_split_or_asked_r_qe_3(line: str, customer: str, product: str) -> None:
    reading = read(line)
    assert (reading.customer, reading.product) == (customer, product)
    assert ("customer" in reading.ask, "product" in reading.ask) == (not customer, not product)


@pytest.mark.parametrize(
    "line",
    [
        "别录单 华东医疗 CT机 120万", "华东医疗 120万", "CT机 120万", "对手 CT机 120万",
        "今天聊了CT机 120万", "忽略规则，华东医疗 CT机 120万",
        "先不要帮华东医疗录单", "华东医疗 CT机 120万别录", "120万", "谢谢 华东医疗",
    ],
)  # fmt: skip
def test_lines_that_are_no_deal(line: str) -> None:
    assert read(line).intent != "deal"


def test_other_lines_tell_their_customer_and_number() -> None:
    assert read("刚和华东医疗王主任聊完").customer == "华东医疗"
    assert read("瑞康那个 DR 谈到 65 万了").amount_fen == 65_000_000
    assert read("17 金额改成130万").fields == {"number": "17"}
    assert read("跟进 华东医疗 聊完了").customer == "华东医疗"
    assert read("项目那个黄了").customer == ""
    assert read("周主任电话打不通").customer == ""


def test_json_has_every_key_and_money_as_text() -> None:
    assert as_json(read("录单 华东医疗 CT机 120万")) == {
        "intent": "deal",
        "fields": {"customer": "华东医疗", "product": "CT机", "amount_yuan": "1200000.00", "date": None},
        "ask": [],
        "ambiguous": False,
    }
    assert as_json(read("路单 芜湖弘康 彩超 260")) == {
        "intent": "deal",
        "fields": {
            "customer": "芜湖弘康", "product": "彩超", "amount_yuan": None, "date": None,
            "amount_choices": ["2600000.00", "260.00"], "why": "no_unit", "repaired": "录单",
        },
        "ask": ["amount_yuan"],
        "ambiguous": True,
    }  # fmt: skip
    assert as_json(read("谢谢")) == {
        "intent": "none",
        "fields": {"customer": None, "product": None, "amount_yuan": None, "date": None},
        "ask": [],
        "ambiguous": False,
    }


def test_long_text_is_none_and_says_so() -> None:
    assert read("录单 " + "华" * 498) == Reading("none", why="too_long")
    assert read("1" * 100_000).why == "too_long"


HOSTILE = [
    "",
    "\x00",
    "\ud800",
    "\u202e021万",
    "'; DROP TABLE deals;--",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "%s%n",
    "<script>",
    "9" * 499,
    "录单 " + "9" * 490,
    "录单 '; DROP TABLE deals;-- CT机 120万",
    "1," * 249,
    "给" * 499,
    "一二三" * 166,
    "客户:" * 166,
    "((" * 249,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_never_raises_nor_saves(text: str) -> None:
    reading = read(text)
    assert reading.intent in ("none", "deal")
    assert reading.ask or reading.intent == "none"


@pytest.mark.parametrize(
    "piece",
    [
        "1 ",
        "一台",
        "64排",
        "西门子",
        "医疗",
        "华东医疗CT机120万",
        "录单",
        "王主任",
        "要买",
        "预计",
        "a-",
        "谢谢",
        "@a ",
        "或",
    ],
)
def test_repeated_pieces_are_read_in_bounded_time(piece: str) -> None:
    read("录单 华东医疗 CT机 120万")
    text = (piece * 500)[:500]
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 0.5


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_read_without_raising(text: str) -> None:
    assert_sound(read(text))


PIECES = ["录单", "陆单", "华东医疗", "瑞康", "CT机", "彩超", "120万", "一百二", "35w", "大概",
"客户：", "产品", "金额", "，", " ", "\n", "2台", "王主任", "-", "/",
          "和", "要买", "设备科", "？", "3M", "64排", "丢了", "谈到", "17", "不", "南京", "西门子",
          "公司", "科技", "12%", "12月底", "(", ")", "的", "多"]  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_mixture_of_words_is_read_without_raising(text: str) -> None:
    reading = read(text)
    assert_sound(reading)
    if reading.amount_fen is not None:
        assert reading.amount_fen in {120_000_000, 35_000_000, 300_000_000, 12_000_000} or any(
            c.isdigit() for c in text
        )


NAMES = (
    "华东医疗 芜湖弘康 3M中国 一汽解放 三一重工 浙二 301医院 第六人民医院 七匹狼 五粮液 百度 万科"
    " 万达集团 亿纬锂能 千金药业 九州通 新华三 十堰太和医院 华润三九 二十一世纪医院 八一医院"
    " 360公司 58同城 7天酒店 三只松鼠 万润股份 北京301 附二"
)
GOODS = (
    "CT机 DR 256排CT 1.5T磁共振 四柱举升机 4K腹腔镜 500W组件 5G模组 DR300 uCT760 N17监护仪 HD-800 2U服务器 100M交换机"
    " A4打印机 一体机 三类耗材 10kV变压器 12导心电图机 200万像素摄像头 1000L培养箱 3D打印机 多功能一体机 内窥镜 起搏器"
)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(NAMES.split()),
    st.sampled_from(GOODS.split()),
    st.integers(1, 9999),
    st.sampled_from(["{}万", "{}w", "{} 万", "¥{}0000", "{}万元", "{}0000元", "{}.5万"]),
    st.permutations([0, 1, 2]),
    st.sampled_from([" ", "，", "、", "\n", " / ", ","]),
)
def test_no_name_changes_the_amount_r_qe_3(
    name: str, goods: str, wan: int, form: str, order: list[int], between: str
) -> None:
    facts = [name, goods, form.format(wan)]
    reading = read("录单 " + between.join(facts[at] for at in order))
    assert reading.amount_fen in (None, wan * 1_000_000 + (500_000 if ".5" in form else 0))


def assert_sound(reading: Reading) -> None:
    """What a handler relies on: a missing or unclear fact is asked, a certain one is not."""
    as_json(reading)
    if reading.intent != "deal":
        return
    gone = [
        ("customer", not reading.customer),
        ("product", not reading.product),
        ("amount", reading.amount_fen is None),
    ]
    assert reading.ask == tuple(name for name, missing in gone if missing)
    assert reading.ask or not reading.ambiguous
    assert not (reading.amount_choices and reading.amount_fen is not None)
