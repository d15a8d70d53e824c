"""Rows of imported files: columns, reasons, and keys that make the same file again add nothing. R-IMP, R-QE-6."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.imports import COLUMNS, WrongFile, check_header, check_rows, fen_of, instant_of, roles_of

DEALS = ("customer_id", "owner_id", "product", "amount_yuan")
GOOD = ("C1", "m03", "CT机", "1200000")


def reason(header: tuple[str, ...], *cells: str, kind: str = "deals") -> str:
    """Why the one row is refused; empty when it is not."""
    good, refused = check_rows(kind, header, [cells])
    assert len(good) + len(refused) == 1
    return refused[0].reason if refused else ""


def keys(kind: str, header: tuple[str, ...], *rows: tuple[str, ...]) -> list[str]:
    good, refused = check_rows(kind, header, rows)
    assert refused == []
    return [row.key for row in good]


@pytest.mark.parametrize("kind", COLUMNS)
def test_every_column_of_a_kind_and_free_ones_are_known_r_imp(kind: str) -> None:
    check_header(kind, [*COLUMNS[kind], "x_note", "x_备注"])


@pytest.mark.parametrize(
    ("kind", "header", "text"),
    [
        ("nonsense", ("x",), f"没有「nonsense」这一类。能导入的有：{'、'.join(COLUMNS)}。"),
        ("members", ("member_id", "name", "salary", "shoe"), "不认识的列：salary、shoe。自定义列请以 x_ 开头。"),
        ("members", ("member_id", "name", "name"), "有重复的列名，留一个就行。"),
        ("members", ("name",), "少了这些列：member_id。第一行要是列名。"),
        ("deals", ("product",), "少了这些列：customer_id、owner_id、amount_yuan。第一行要是列名。"),
        ("teams", ("team", "", "region"), "第 2 列没有列名。补上列名，或删掉这一列。"),
        ("members", ("MEMBER_ID", "name"), "不认识的列：MEMBER_ID。自定义列请以 x_ 开头。"),
    ],
)
def test_header_fault_names_what_is_wrong_r_imp(kind: str, header: tuple[str, ...], text: str) -> None:
    with pytest.raises(WrongFile) as caught:
        check_header(kind, header)

    assert str(caught.value) == text


def test_cells_are_stripped_short_rows_filled_and_empty_rows_passed_over_r_qe_6() -> None:
    rows = [(" C1 ", "m03", "CT机", "1"), ("", " "), (), ("C2", "m03", "CT机", "2", "", " ")]

    good, refused = check_rows("deals", (*DEALS, "stage"), rows)

    assert refused == []
    assert [(row.values["customer_id"], row.values["stage"]) for row in good] == [("C1", ""), ("C2", "")]


def test_refused_row_says_its_line_its_cells_and_the_reason_r_qe_6() -> None:
    good, refused = check_rows("deals", DEALS, [GOOD, ("C2", "", "CT机", "1"), GOOD])

    assert len(good) == 2
    assert [(row.number, row.cells, row.reason) for row in refused] == [(3, ("C2", "", "CT机", "1"), "owner_id 是空的")]


def test_more_cells_than_names_is_refused_unless_they_are_empty_r_qe_6() -> None:
    assert reason(DEALS, *GOOD, "多的") == "这行的格比列名多"
    assert reason(DEALS, *GOOD, "", "  ") == ""


@pytest.mark.parametrize(
    ("amount", "ok"),
    [
        ("0.01", True),
        ("1,200,000.50", True),
        ("1000000000", True),
        ("1000000000.00", True),
        ("1000000000.01", False),
        ("0", False),
        ("-1", False),
        ("0.001", False),
        ("1.005", False),
        ("abc", False),
        ("120万", False),
        ("NaN", False),
        ("sNaN", False),
        ("Infinity", False),
        ("1e999999", False),
        ("1e-999999", False),
        ("100000.000000000000000000000000001", False),
        ("9" * 400, False),
        ("=1+1", False),
        ("=SUM(A1:A9)", False),
    ],
)
def test_amount_is_positive_exact_and_at_most_a_billion_r_money_r_imp(amount: str, ok: bool) -> None:
    found = reason(DEALS, "C1", "m03", "CT机", amount)

    assert found == ("" if ok else "amount_yuan 要是大于 0、不超过 10 亿、最多两位小数的数")


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_fen_of_a_written_amount_are_exact_r_money(fen: int) -> None:
    sign, whole = ("-" if fen < 0 else ""), abs(fen)

    assert fen_of(f"{sign}{whole // 100}.{whole % 100:02d}") == fen


@given(st.text(max_size=40))
def test_any_text_has_fen_or_none_r_money(written: str) -> None:
    assert fen_of(written) is None or isinstance(fen_of(written), int)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-11-19T09:00:00+08:00", datetime(2026, 11, 19, 1, tzinfo=UTC)),
        ("2026-11-19T01:00:00.000001Z", datetime(2026, 11, 19, 1, microsecond=1, tzinfo=UTC)),
        ("2026-11-19T09:00:00", None),
        ("2026-11-19", None),
        ("45980", None),
        ("昨天", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("", None),
    ],
)
def test_instant_needs_its_offset_and_a_year_of_ours_r_time_1(written: str, instant: datetime | None) -> None:
    assert instant_of(written) == instant
    if instant is not None:
        assert instant_of(written) - instant == timedelta(0)  # type: ignore[operator]


@pytest.mark.parametrize("column", ["created_at", "entered_at", "closed_at"])
def test_naive_instant_is_refused_with_an_example_r_imp(column: str) -> None:
    found = reason((*DEALS, column), *GOOD, "2026-11-19 09:00")

    assert found == f"{column} 要是带时区的时间，如 2026-11-19T09:00:00+08:00"
    assert reason((*DEALS, column), *GOOD, "2026-11-19T09:00:00+08:00") == ""


@pytest.mark.parametrize(
    ("stage", "ok"),
    [("", True), ("1", True), ("8", True), ("报价确认", True), ("0", False), ("9", False), ("报价", False)],
)
def test_stage_is_a_number_or_its_name_r_stg_1(stage: str, ok: bool) -> None:
    assert reason((*DEALS, "stage"), *GOOD, stage) == ("" if ok else f"不认识的阶段：{stage}")


@pytest.mark.parametrize(
    ("state", "ok"), [("", True), ("open", True), ("won", True), ("lost", True), ("undone", False)]
)
def test_state_is_open_won_or_lost_r_imp(state: str, ok: bool) -> None:
    assert reason((*DEALS, "state"), *GOOD, state) == ("" if ok else "state 只能是 open、won、lost")


@pytest.mark.parametrize(
    ("value", "text"),
    [("长" * 501, "有一格超过 500 字"), ("长" * 500, ""), ("a\x00b", "有一格带看不见的控制字符，重新打一遍")],
)
def test_long_cells_and_control_characters_are_refused_r_imp(value: str, text: str) -> None:
    assert reason(("name", "owner_id"), value, "m03", kind="customers") == text


def test_formula_cells_are_text_like_any_other_r_imp() -> None:
    good, _ = check_rows("customers", ("name", "owner_id"), [("=HYPERLINK(1)", "m03"), ("@SUM(1)", "m03")])

    assert [row.values["name"] for row in good] == ["=HYPERLINK(1)", "@SUM(1)"]


@pytest.mark.parametrize(
    ("written", "roles"),
    [
        ("rep", ("rep",)),
        ("销售;主管", ("rep", "supervisor")),
        ("rep, admin；ops、法务，rep", ("rep", "admin", "ops", "legal")),
        ("老板", ("老板",)),
        ("", ()),
    ],
)
def test_roles_are_read_in_both_languages_r_ppl_1(written: str, roles: tuple[str, ...]) -> None:
    assert roles_of(written) == roles


@pytest.mark.parametrize(
    ("roles", "mobile", "text"),
    [
        ("rep", "138 0000 1111", ""),
        ("", "", ""),
        ("老板;rep", "", "不认识的角色：老板；能用的有："),
        ("rep", "1380", "手机号看不懂"),
        ("rep", "没有", "手机号看不懂"),
    ],
)
def test_member_row_with_unknown_role_or_number_is_refused_r_imp(roles: str, mobile: str, text: str) -> None:
    found = reason(("member_id", "name", "roles", "mobile"), "m1", "李雷", roles, mobile, kind="members")

    assert found.startswith(text)
    assert bool(found) == bool(text)


@pytest.mark.parametrize("kind", ["teams", "customers"])
def test_kind_without_rules_of_its_own_needs_its_columns_only_r_imp(kind: str) -> None:
    header = ("team",) if kind == "teams" else ("name", "owner_id")

    assert reason(header, *["x"] * len(header), kind=kind) == ""


def test_row_is_known_by_its_id_r_qe_6() -> None:
    assert keys("deals", ("deal_id", *DEALS), ("D1", *GOOD), ("D2", *GOOD)) == ["id:D1", "id:D2"]


def test_group_is_known_by_its_platform_and_chat_r_qe_6() -> None:
    good, refused = check_rows("chats", ("platform", "chat_id", "bound_to"), [["feishu", "oc_1", "director"]])

    assert ([row.key for row in good], refused) == (["id:feishu:oc_1"], [])


def test_row_without_id_is_known_by_its_cells_and_their_count_r_qe_6() -> None:
    other = ("C2", "m03", "CT机", "1")
    first, again, third = keys("deals", DEALS, GOOD, GOOD, other)

    assert first[:-2] == again[:-2]
    assert [key.rsplit(":", 1)[1] for key in (first, again, third)] == ["1", "2", "1"]
    assert keys("deals", DEALS, GOOD, GOOD, other) == [first, again, third]
    assert keys("deals", DEALS, other, GOOD, GOOD) == [third, first, again]


def test_cells_that_only_join_to_the_same_text_differ_r_qe_6() -> None:
    first, second = keys("customers", ("name", "owner_id"), ("华东", "医疗m03"), ("华东医疗", "m03"))

    assert first != second
