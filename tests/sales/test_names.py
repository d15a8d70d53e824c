"""Customer names: keys of duplicates and closeness. R-CUS-5, R-QE-3."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sales.names import core, initials, is_organisation, keys, normalise, pinyin, score, sounds


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("华东医疗", "华东医疗"),
        ("华东医疗器械（杭州）有限公司", "华东医疗器械杭州"),
        ("华东医疗器械(杭州) 有限责任公司", "华东医疗器械杭州"),
        ("華東醫療股份有限公司", "华东医疗"),
        ("华东医疗集团有限公司", "华东医疗"),
        ("华东医疗有限公司杭州分公司", "华东医疗杭州分公司"),
        ("ＡＢＣ Medical Co., Ltd.", "abcmedical"),
        ("3M中国", "3m中国"),
        ("集团", "集团"),
        ("有限公司", "有限公司"),
        ("——", ""),
        ("", ""),
    ],
)
def test_key_ignores_width_case_brackets_and_legal_forms_r_cus_5(name: str, key: str) -> None:
    assert normalise(name) == key


def test_sound_of_a_name() -> None:
    assert pinyin("华东医疗有限公司") == "huadongyiliao"
    assert initials("华东医疗有限公司") == "hdyl"
    assert initials("3M中国") == "3mzg"
    assert "dan" in sounds("单")
    assert "chan" in sounds("单")
    assert sounds("C") == {"C"}


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("华东医疗", "华东医疗器械（杭州）有限公司"),
        ("华动医疗", "华东医疗"),
        ("瑞康", "苏州瑞康医疗"),
        ("hdyl", "华东医疗"),
        ("hdyl", "华东医疗器械"),
        ("huadong", "华东医疗"),
        ("宁波博人", "宁波博仁医院"),
        ("华东医疗器械", "华东医疗器材（无锡）"),
    ],
)
def test_near_names_score_75_or_more_r_qe_3(query: str, name: str) -> None:
    assert 75 <= score(query, name) < 100
    assert set(keys(query)) & set(keys(name))


@pytest.mark.parametrize(
    ("query", "name"),
    [("华东医疗", "江南康复医院"), ("弘康", "三一重工"), ("abc", "华东医疗"), ("——", "华东医疗"), ("华东", "——")],
)
def test_far_names_score_less_r_qe_3(query: str, name: str) -> None:
    assert score(query, name) < 75


def test_same_key_scores_100_and_only_that_r_cus_5() -> None:
    assert score("华东医疗", "华东医疗有限公司") == 100
    assert score("hdyl", "华东医疗") < 100
    assert score("华东医疗", "华东医疗华东医疗") < 100


def test_keys_of_a_name() -> None:
    assert keys("瑞康") == ("瑞康", "~ruikang", "^rk", "=rui", "=kan")
    assert keys("瑞") == ("瑞", "^r", "=rui")
    assert keys("——") == ()


@settings(deadline=None)
@given(st.text(max_size=60))
def test_a_name_is_nearest_to_itself_and_nothing_raises(name: str) -> None:
    assert score(name, name) == 100
    assert normalise(normalise(name)) == normalise(name) or normalise(name) != ""
    assert len(set(keys(name))) == len(keys(name))
    assert isinstance(pinyin(name), str)


@settings(deadline=None)
@given(
    st.text(alphabet="华东南医疗康瑞博仁abc3（）有限公司集团", max_size=16),
    st.text(alphabet="华东南医疗康瑞博仁abc3", max_size=16),
)
def test_scores_stay_between_0_and_100(query: str, name: str) -> None:
    assert 0 <= score(query, name) <= 100
    assert (score(query, name) == 100) == (normalise(query) == normalise(name))


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("苏州瑞康医疗", "苏州瑞康"),
        ("苏州瑞康医疗（杭州）有限公司", "苏州瑞康"),
        ("华东医院", "华东"),
        ("人民医院", "人民"),
        ("医院", "医院"),
        ("瑞康", "瑞康"),
    ],
)
def test_core_is_what_tells_a_name_from_its_kind(name: str, own: str) -> None:
    assert core(name) == own


def test_same_kind_in_the_same_town_is_not_near_r_cus_5() -> None:
    assert score("苏州博仁医院", "苏州瑞康医院") < 75
    assert score("苏州人民医院", "苏州仁民医院") >= 75


def test_organisation_is_told_by_its_ending() -> None:
    assert is_organisation("江南康复医院")
    assert not is_organisation("瑞康那家")
