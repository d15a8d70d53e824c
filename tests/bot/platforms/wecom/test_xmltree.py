"""XML as data: what WeCom sends is read, anything dangerous is refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.wecom.xmltree import NotXml, inside, read_xml, text, texts


def test_message_is_read_with_repeated_and_nested_elements() -> None:
    tree = read_xml(
        "<xml><A><![CDATA[一 ]]></A><N>7</N><E></E><L><I><K>a</K></I><I><K>b</K><K>c</K></I></L><L/></xml>".encode()
    )

    assert (text(tree, "A"), text(tree, "N"), text(tree, "E"), text(tree, "X"), text(tree, "L")) == (
        "一 ", "7", "", "", "",
    )  # fmt: skip
    assert [texts(item, "K") for item in inside(tree, "L", "I")] == [["a"], ["b", "c"]]
    assert inside(tree, "A", "B") == []


def test_cdata_end_split_by_the_sender_is_one_text() -> None:
    assert text(read_xml(b"<xml><C><![CDATA[a]]]]><![CDATA[>b]]></C></xml>"), "C") == "a]]>b"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"<xml>",
        b"<xml></xml><xml></xml>",
        b"<!DOCTYPE xml><xml/>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><C>&a;</C></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
        b"<xml><C>&unknown;</C></xml>",
        b"<xml><C>\x00</C></xml>",
        b"<xml><C><![CDATA[\x00]]></C></xml>",
        b"<xml><C>&#0;</C></xml>",
        b"<xml><C><![CDATA[a]]>]]></C></xml>",
        b"<xml><C>\xff\xfe</C></xml>",
        b'<?xml version="1.0" encoding="no-such"?><xml/>',
        b'<?xml version="1.0" encoding="gb18030"?><xml/>',
        b"<a>" * 30 + b"</a>" * 30,
        b"<a>" * 200_000,
    ],
)
def test_what_wecom_never_sends_is_refused(raw: bytes) -> None:
    with pytest.raises(NotXml):
        read_xml(raw)


@pytest.mark.parametrize("raw", [b"<xml/>", b"<xml>only text</xml>", b"<xml><!-- c --></xml>"])
def test_message_without_elements_is_empty(raw: bytes) -> None:
    assert read_xml(raw) == {}


@given(st.binary(max_size=100) | st.text(alphabet="<>/xml![]CDATA &;#0a\"'?-", max_size=80).map(str.encode))
def test_anything_else_is_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(NotXml):
        assert isinstance(read_xml(raw), dict)


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=60).filter(lambda t: "]]>" not in t))
def test_text_comes_out_as_it_went_in(said: str) -> None:
    raw = f"<xml><C><![CDATA[{said}]]></C></xml>".encode()
    try:
        assert text(read_xml(raw), "C") == said
    except NotXml:
        assert any(ord(letter) in (0xFFFE, 0xFFFF) for letter in said)
