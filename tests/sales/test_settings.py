"""What an admin may set: names, ranges, versions. R-ADM-1, R-ADM-2."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.errors import Refusal
from sales.policy import Policy
from sales.settings import BY_KEY, SETTINGS, ConfigVersion, in_force, read_order

POLICY = Policy()
NOW = datetime(2026, 11, 19, 8, 12, tzinfo=UTC)
LINE = BY_KEY["ldr_alarm_percent"]

each = pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)


@each
def test_what_is_in_force_is_put_back_as_it_is_r_adm_2(setting: object) -> None:
    one = BY_KEY[setting.key]  # type: ignore[attr-defined]

    assert one.put(POLICY, one.now(POLICY)) == POLICY


@each
def test_example_can_be_typed_as_it_is_printed_r_adm_1(setting: object) -> None:
    one = BY_KEY[setting.key]  # type: ignore[attr-defined]
    if one.sensitive:
        return

    order = read_order(f"{one.name} {one.example}")

    assert order == (one, one.example)
    assert one.read(one, one.example) == one.example


@pytest.mark.parametrize(
    ("text", "value"), [("25", "25"), ("17.5", "17.5"), ("18%", "18"), ("18 ％", "18"), ("20.00", "20"), ("1", "1")]
)
def test_number_is_kept_in_one_form_r_adm_1(text: str, value: str) -> None:
    assert LINE.read(LINE, text) == value


@pytest.mark.parametrize("text", ["200", "0", "99.01", "20.001", "abc", "-5", "", "二十", "25 30", "1e3", "９９９"])
def test_number_out_of_range_or_none_is_refused_with_an_example_r_adm_1(text: str) -> None:
    with pytest.raises(Refusal, match="配置 LDR 预警线 18"):
        LINE.read(LINE, text)


def test_whole_number_takes_no_decimals_r_adm_1() -> None:
    hours = BY_KEY["alert_repeat"]

    with pytest.raises(Refusal, match="1 到 168 的整数"):
        hours.read(hours, "1.5")


@pytest.mark.parametrize(
    ("text", "value"),
    [("21:30-9:00", "21:30-09:00"), ("22：00 到 8:00", "22:00-08:00"), ("00:00~23:59", "00:00-23:59")],
)
def test_quiet_hours_are_two_clock_times_r_time_3(text: str, value: str) -> None:
    quiet = BY_KEY["quiet"]

    assert quiet.read(quiet, text) == value


@pytest.mark.parametrize(
    "text", ["24:00-08:00", "22:00-25:00", "22:60-08:00", "22:00-08:61", "22:00-22:00", "晚上", ""]
)
def test_quiet_hours_that_are_none_are_refused_r_time_3(text: str) -> None:
    quiet = BY_KEY["quiet"]

    with pytest.raises(Refusal, match="配置 安静时段 22:00-08:00"):
        quiet.read(quiet, text)


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("LDR 预警线 25", "25"),
        ("ldr预警线25", "25"),
        ("把LDR预警线改成18", "18"),
        ("请把 LDR 预警线 调到 18%", "18%"),
        ("LDR 预警线：18", "18"),
        ("LDR 预警线", ""),
        ("将LDR预警线设为abc", "abc"),
    ],
)
def test_line_names_a_setting_however_it_is_spaced_r_adm_1(line: str, rest: str) -> None:
    assert read_order(line) == (LINE, rest)


@pytest.mark.parametrize("line", ["", "第3关的需求匹配表要盖章", "预警 18", "25"])
def test_line_that_names_no_setting_is_none_r_adm_1(line: str) -> None:
    assert read_order(line) is None


def test_version_is_in_force_over_what_was_shipped_r_adm_2() -> None:
    given_ = {"ldr_alarm_percent": "17.5", "alert_repeat": "12", "quiet": "21:00-09:00", "gone": "1", "zone": "UTC"}

    policy = in_force(ConfigVersion(42, NOW, "m16", "set", "quiet", given_), base=POLICY)

    assert policy == replace(
        POLICY,
        version=42,
        zone="UTC",
        ldr_alarm_percent=Decimal("17.5"),
        alert_repeat=timedelta(hours=12),
        quiet_from=time(21),
        quiet_to=time(9),
    )
    assert in_force(None, base=POLICY) is POLICY


@given(st.integers(100, 9900))
def test_every_hundredth_in_range_goes_through_text_exactly_r_adm_1(hundredths: int) -> None:
    value = Decimal(hundredths) / 100

    policy = LINE.put(POLICY, LINE.read(LINE, f"{value}%"))

    assert policy.ldr_alarm_percent == value
    assert LINE.put(POLICY, LINE.now(policy)) == policy


@pytest.mark.parametrize(
    ("key", "short"), [("ldr_alarm_percent", "20%"), ("alert_calm", "6 小时"), ("quiet", "22:00-08:00")]
)
def test_value_prints_with_its_unit(key: str, short: str) -> None:
    setting = BY_KEY[key]

    assert setting.short(setting.now(POLICY)) == short
