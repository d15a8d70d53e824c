"""What a file is, by its content: types, limits, passwords, what runs by itself. R-EVD-1, R-EVD-2, R-EVD-4."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import images, office, pdfs
from checks.look import Report, look
from tests.support.files import EML, pdf, photo, png_claiming
from tests.support.files import office as office_file

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 8


def heic(width: int, height: int) -> bytes:
    return HEIC + b"ispe\x00\x00\x00\x00" + struct.pack(">II", width, height)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (photo(), "jpeg"),
        (photo(kind="PNG"), "png"),
        (photo(kind="WEBP"), "webp"),
        (pdf(), "pdf"),
        (b"junk before\n" + pdf(), "pdf"),
        (office_file("word/document.xml"), "docx"),
        (office_file("xl/workbook.xml"), "xlsx"),
        (office_file("ppt/presentation.xml"), "pptx"),
        (EML, "eml"),
    ],
    ids=["jpeg", "png", "webp", "pdf", "pdf late", "docx", "xlsx", "pptx", "eml"],
)
def test_type_is_told_by_content_and_readable_r_evd_1(content: bytes, kind: str) -> None:
    assert look(content) == Report(kind, len(content), (f"type:ok:{kind}", "readable:ok"))


@pytest.mark.parametrize(
    "content",
    [b"MZ\x90\x00", b"GIF89a", b"hello: world", b"From: a@b.cn\nDate: x\x00", b"RIFF\x00\x00\x00\x00AVI ", b"\x00" * 99,
     office_file("other/part.xml"), b"PK\x03\x04broken", b"\x00\x00\x00\x18ftypisom"],
)  # fmt: skip
def test_other_types_are_not_taken_r_evd_4(content: bytes) -> None:
    assert look(content).findings == ("type:unknown",)


def test_a_zip_that_is_no_office_file_is_not_taken() -> None:
    without = office_file("word/document.xml").replace(b"[Content_Types].xml", b"[Content_Typez].xml")

    assert look(without).findings == ("type:unknown",)


def test_empty_file_is_told_as_empty_r_evd_4() -> None:
    assert look(b"") == Report("", 0, ("readable:empty",))


@pytest.mark.parametrize(("extra", "over"), [(0, False), (1, True)])
def test_twenty_megabytes_are_the_limit_to_the_byte_r_evd_2(extra: int, over: bool) -> None:
    content = EML + b"x" * ((20 << 20) - len(EML) + extra)

    assert any(each.startswith("limits:bytes") for each in look(content).findings) is over


@pytest.mark.parametrize(("pages", "findings"), [(200, "readable:ok"), (201, "limits:pages:201")])
def test_two_hundred_pages_are_the_limit_r_evd_2(pages: int, findings: str) -> None:
    assert look(pdf(pages=pages)).findings == ("type:ok:pdf", findings)


def test_picture_bomb_is_refused_by_its_header_r_evd_2() -> None:
    assert look(png_claiming(12_000, 10_001)).findings == ("type:ok:png", "limits:pixels:1.20 亿")


def test_120_million_pixels_are_within_the_limit_but_have_to_be_there() -> None:
    assert look(png_claiming(12_000, 10_000)).findings == ("type:ok:png", "readable:broken")


def test_heic_is_left_to_a_person_and_its_size_is_known_r_evd_4() -> None:
    assert look(heic(4032, 3024)).findings == ("type:ok:heic", "readable:unsure")
    assert look(heic(20_000, 10_000)).findings == ("type:ok:heic", "limits:pixels:2.00 亿")
    assert look(HEIC).findings == ("type:ok:heic", "readable:broken")


@pytest.mark.parametrize("content", [photo()[:400], photo(kind="PNG")[:60], b"RIFF\x00\x00\x00\x00WEBP"])
def test_half_a_picture_is_broken_r_evd_4(content: bytes) -> None:
    assert look(content).findings[-1] == "readable:broken"


def test_pdf_with_a_password_is_locked_r_evd_4() -> None:
    assert look(pdf(password="1234")).findings == ("type:ok:pdf", "password:locked")


def test_pdf_that_runs_something_is_active_r_evd_4() -> None:
    assert look(pdf(script="app.alert(1)")).findings == ("type:ok:pdf", "readable:ok", "active:found")


@pytest.mark.parametrize("content", [b"%PDF-1.7\nnothing", pdf()[:200], b"%PDF-1.4\n" + b"\xff" * 500])
def test_half_a_pdf_is_broken_r_evd_4(content: bytes) -> None:
    assert look(content).findings[-1] == "readable:broken"


def test_macros_are_active_r_evd_4() -> None:
    content = office_file("word/document.xml", word__vbaProject=b"x")
    with_macros = office_file("word/document.xml", **{"word__vbaProject.bin": b"x"})

    assert look(content).findings == ("type:ok:docx", "readable:ok")
    assert look(with_macros).findings == ("type:ok:docx", "readable:ok", "active:found")


def test_zip_bomb_is_not_unpacked_r_evd_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MOST_UNPACKED", 1 << 20)

    assert look(office_file("word/document.xml", bomb=b"\x00" * (2 << 20))).findings[-1] == "readable:broken"


def test_encrypted_part_is_a_password_and_a_damaged_one_is_broken_r_evd_4() -> None:
    content = bytearray(office_file("word/document.xml"))
    central = content.rindex(b"PK\x01\x02")
    locked, damaged = content.copy(), content.copy()
    locked[central + 8] |= 1
    damaged[content.index(b"word/document.xml") + len("word/document.xml")] ^= 0xFF

    assert office.look(bytes(locked)) == ["password:locked"]
    assert office.look(bytes(damaged)) == ["readable:broken"]


def test_more_objects_than_are_looked_at_are_left_to_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfs, "MOST_OBJECTS", 2)

    assert pdfs.look(pdf(pages=3)) == ["readable:ok", "readable:unsure"]


@pytest.mark.parametrize(
    "start", [b"", photo()[:40], photo(kind="PNG")[:40], pdf()[:100], HEIC, b"PK\x03\x04", b"%PDF-"]
)
@given(rest=st.binary(max_size=300))
def test_no_bytes_break_the_looking(start: bytes, rest: bytes) -> None:
    report = look(start + rest)

    assert report.size == len(start + rest)
    assert report.findings


def test_size_of_a_heic_is_that_of_its_largest_picture() -> None:
    assert images.heic_size(heic(320, 240) + heic(4032, 3024)) == (4032, 3024)


def test_the_process_writes_the_report_as_json(tmp_path: Path) -> None:
    file = tmp_path / "photo"
    file.write_bytes(photo())

    done = subprocess.run([sys.executable, "-m", "checks", str(file)], capture_output=True, check=True)

    assert json.loads(done.stdout) == {
        "kind": "jpeg", "size": len(photo()), "findings": ["type:ok:jpeg", "readable:ok"],
    }  # fmt: skip
