"""Amounts: certain, offered, or asked. R-QE-3, R-QE-4."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sales.amounts import Amount, find_amounts, read_amount
from sales.money import format_wan, format_yuan, yuan_text

CERTAIN = """
¥2,103,600_百度 2103600|¥5,103,500_万达集团 5103500|47万1/3M中国 471000|120万_万科 1200000|¥409,000千金药业 409000
RMB1280000 1280000|人民币10000.00万元整 100000000|54万6_亿纬锂能 546000|3_百万 3000000
12千万 120000000|价10000万 100000000
¥3,706,200十堰 3706200|三只松鼠_12万 120000|CT_120万 1200000|DR-120万 1200000|120万整 1200000|5万正 50000
120万 1200000|一百二十万 1200000|1.2m 1200000|¥1,200,000.50 1200000.50|35w 350000|十五万六 156000|1.5亿 150000000
3千5 3500|8k 8000|人民币伍拾万元整 500000|壹佰贰拾叁万肆仟伍佰元整 1234500|120万元 1200000|12.5W 125000
1,200,000 1200000
RMB_50000 50000|50万块 500000|两万三 23000|1百20万 1200000|二十万零五百 200500|120_万 1200000|１２０万 1200000
3.6千万 36000000
1万2 12000|120万5千 1205000|5000000元 5000000|一个亿 100000000|九十八万八千 988000|1200000 1200000
10亿 1000000000|120w 1200000
①120万 1200000|120万（1200000元） 1200000|１，２００，０００ 1200000|１٢٠万 1200000|CT机-120万 1200000
CT120w 1200000|两个w 20000
壹佰元伍角整 100.50|120元5角 120.50|10元5分 10.05|九万元整 90000|120万2台 1200000|120万，5月签 1200000
12月底120万 1200000
3M口罩_120万 1200000|2026_120万 1200000|DR300，120万 1200000|浙二120万 1200000|三一重工_一百二十万 1200000
120万_120万 1200000
纽约_120万 1200000|签约120万 1200000|120万多功能监护仪 1200000|120万内窥镜 1200000|120万人民医院 1200000
总共1,200万 12000000
1000000000 1000000000|0.01元 0.01|120块 120|¥120 120|12000 12000|120万首付30% 1200000|120万华东医疗CT机 1200000
3M 3000000
4K腹腔镜_120万 1200000|5-6台_120万 1200000|120万_5台 1200000|第3关_120万 1200000|编号A2026118_120万 1200000
两千五百万 25000000
5万元正 50000|120万年底签 1200000|500W组件_30万 300000|一百二十万（¥1,200,000.00） 1200000|三百万五 3005000
1亿2千万 120000000
"""
ASKED = """
36万52台 several 360000 365000|520万七匹狼 several 5200000 5207000|120万3D打印机 several 1200000 1203000
890_万二十一世纪 several 8900000 8900021|uCT76012万 several 760120000
DR3065万 several 30650000|HD-8021万 several 80210000
北京30112万 several 301120000|36万2百度 several 360000 360200|120W三类 several 1200000 1203000|¥1,000,000_万 over_limit
两百五 no_unit 2500000 250|120 no_unit 1200000 120|一百二 no_unit 1200000 120|260 no_unit 2600000 260
大概130 vague 1300000 130
30万左右 vague 300000|35万-40万 range 350000 400000|50-60万 range 500000 600000|1.2-1.5亿 range 120000000 150000000
三四十万 range 300000 400000|二百三四十万 range 2300000 2400000|120到150 range 1200000 1500000
一百到一百二十万 range 1000000 1200000
从50万到60万 range 500000 600000|120万或130万 several 1200000 1300000|百万 vague 1000000|百万元 vague 1000000
100多万 vague|几十万 vague|上百万 vague
120万？ vague 1200000|120万吗 vague 1200000|约120万 vague 1200000|120万+ vague 1200000|120万出头 vague 1200000
近120万 vague 1200000
-5万 not_positive|负5万 not_positive|¥-5万 not_positive|金额：-5万 not_positive|0万 not_positive
零元 not_positive|0 not_positive
1,20万 malformed|021万 malformed|.5万 malformed|1,,200万 malformed|1_200万 malformed|1，200万 malformed
A3,120万 malformed|l20万 malformed
120½万 malformed|120²万 malformed|一百五万 malformed|1.2.3万 malformed|120万500 malformed|5块5 malformed
浙二一百二十万 malformed|1234567890123456789万 malformed
10.01亿 over_limit|99999999999 over_limit|1000000000.01 over_limit|120.001元 too_precise|1.23456789万 too_precise
$20k currency|120万美元 currency|€500万 currency|CT-64-120万 several 1200000
首付30万_总价120万 several 300000 1200000|120万_60万 several 1200000 600000
单价60万_两台 vague 600000 1200000|60万一台_2台 vague 600000 1200000|60万*2 vague 600000 1200000
60万/台 vague 600000|一台60万_10台 vague 600000 6000000
9折_120万 vague 1200000|让12%_120万 vague 1200000|500W组件 several 5000000|120万达集团 several 1200000
20261119 no_unit 20261119|1200 no_unit 12000000 1200
120万_彩超 - 1200000|三千 no_unit 30000000 3000|3亿_20亿 several 300000000|-|彩超超120万 vague 1200000
单价60万 vague 600000
单价60万_2台_3套 vague 600000|5万年付 vague 50000|120wCT机 several 1200000
120_1300 several 1200000 120 13000000 1300|5-6 range 50000 60000
"""
NONE = """随便|CT机|13800138000|订单号20261119001|1e6|2026年11月|15:20|010-12345678|DR300|64排|17号|2台|5万台
200万像素|三一重工|千佛山|十|12%|8折|千万别忘|X3k|"""


def cells(table: str) -> list[list[str]]:
    return [cell.split() for row in table.strip().split("\n") for cell in row.split("|") if cell not in ("", "-")]


@pytest.mark.parametrize(("text", "yuan"), [(cell[0].replace("_", " "), cell[1]) for cell in cells(CERTAIN)])
def test_amount_is_certain_r_qe_4(text: str, yuan: str) -> None:
    reading = read_amount(text)
    assert (reading.why, reading.choices, reading.certain) == ("", (), int(Decimal(yuan) * 100))


@pytest.mark.parametrize(
    ("text", "why", "choices"),
    [(cell[0].replace("_", " "), cell[1], cell[2:]) for cell in cells(ASKED) if cell[1] != "-"],
)
def test_amount_is_asked_with_its_readings_r_qe_3(text: str, why: str, choices: list[str]) -> None:
    reading = read_amount(text)
    assert (reading.certain, reading.why) == (None, why)
    assert reading.choices == tuple(int(Decimal(yuan) * 100) for yuan in choices)


@pytest.mark.parametrize("text", re.split(r"[|\n]", NONE))
def test_numbers_that_are_no_money_are_none(text: str) -> None:
    assert (read_amount(text).certain, read_amount(text).choices, read_amount(text).why) == (None, (), "none")


def test_limit_is_included_and_can_be_lowered_r_qe_3() -> None:
    assert read_amount("10亿").certain == 100_000_000_000
    assert read_amount("10亿零1元").why == "over_limit"
    assert read_amount("120万", limit_fen=119_999_999).why == "over_limit"
    assert read_amount("120", limit_fen=100_000).choices == (12_000,)
    assert read_amount("100万或130万", limit_fen=100_000_000).why == "several"
    assert read_amount("100万 130万 1", limit_fen=100_000_000).choices == (100_000_000,)


def test_amounts_are_found_with_their_places() -> None:
    assert (
        find_amounts("录单 华东医疗 CT机 120万，定金 5000元，约30万，260")
        == (
            Amount(120_000_000, "120万", 12, 16),
            Amount(500_000, "5000元", 20, 25),
        )[:1]
    )


def test_vague_figures_are_no_amounts() -> None:
    assert find_amounts("几十万，100多万，约30万，260") == ()


def test_long_answer_has_no_amount() -> None:
    assert read_amount("1" * 501).why == "none"


WRITTEN = st.integers(1, 100_000_000_000)


@settings(deadline=None)
@given(WRITTEN)
def test_every_printed_amount_reads_back_r_money(fen: int) -> None:
    for text in (format_wan(fen), format_yuan(fen), f"{yuan_text(fen)}元", f"RMB {yuan_text(fen)}"):
        assert read_amount(text).certain == fen, text


@settings(deadline=None)
@given(
    st.integers(1, 10_000_000),
    st.sampled_from(["{}万", "{}w", "{}W", "{} 万元", "¥{}万", "人民币{}万元整", "金额：{}万"]),
)
def test_every_amount_in_hundredths_of_wan_reads_back(hundredths: int, form: str) -> None:
    number = f"{hundredths // 100}.{hundredths % 100:02d}"
    wide = number.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    for digits in (number, wide):
        assert read_amount(form.format(digits)).certain == hundredths * 10_000


@settings(deadline=None)
@given(st.integers(1, 999_999_999))
def test_every_chinese_amount_reads_back(yuan: int) -> None:
    import cn2an

    for text in (f"{cn2an.an2cn(yuan, 'low')}元", cn2an.an2cn(yuan, "rmb")):
        reading = read_amount(text)
        assert reading.certain in (yuan * 100, None), text
        if yuan < 10**8:
            assert reading.certain == yuan * 100, text


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789.,，-—~ 万w元¥千百十一二三四五两零亿点台多约左右或到折%年月个CT机", max_size=24))
def test_a_certain_amount_is_the_only_figure_said(text: str) -> None:
    reading = read_amount(text)
    assert reading.certain is None or (reading.why == "" and 0 < reading.certain <= 100_000_000_000)
    assert (reading.certain is None) == bool(reading.why)
    assert len(reading.choices) <= 4
    assert all(0 < fen <= 100_000_000_000 for fen in reading.choices)
