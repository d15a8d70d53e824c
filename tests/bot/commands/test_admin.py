"""`migrate`, `admin-code`, `audit`, `doctor`, and settings that are wrong. R-PPL-4, R-AUD, R-ADM-1, R-ADM-4."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from handlers.people import digest
from sales.people import AdminCode
from storage import inbox, schema
from storage.engine import Store
from storage.entities import entity_of, query
from storage.inbox import Inbound
from storage.outbox import DEAD, Row, plan
from storage.tables import SCHEMA_VERSION
from tests.bot.commands.conftest import Line
from tests.support.facts import committed


def dead_event(store: Store) -> None:
    event = Inbound("feishu:t:1", "in:a", "message", "feishu", "ou_1", "oc_1", b"{}", 1, 1, 0)

    def bury(conn: object) -> None:
        inbox.receive(conn, store, [event])  # type: ignore[arg-type]
        inbox.bury(conn, 1, error="KeyError: 'x'")  # type: ignore[arg-type]

    committed(store, bury)


def test_migrate_makes_and_keeps_a_database(line_of: Callable[[str], Line], tmp_path: Path) -> None:
    dealdesk = line_of(f"sqlite:///{tmp_path}/new/d.db")

    assert dealdesk("migrate").output == f"数据库已是第 {SCHEMA_VERSION} 版。\n"
    assert dealdesk("migrate").output == f"数据库已是第 {SCHEMA_VERSION} 版。\n"

    opened = Store(dealdesk.url)
    assert schema.version(opened) == SCHEMA_VERSION
    opened.close()


def test_migrate_refuses_a_newer_database(dealdesk: Line) -> None:
    opened = Store(dealdesk.url)
    committed(opened, lambda conn: conn.execute(text("UPDATE schema_version SET version = 99")))
    opened.close()

    assert "先更新程序。" in dealdesk("migrate", code=2).stderr


@pytest.mark.parametrize("words", [("admin-code",), ("audit", "verify"), ("audit", "list"), ("import", "teams", "x")])
def test_commands_refuse_a_database_of_another_version_with_the_fix(
    line_of: Callable[[str], Line], tmp_path: Path, words: tuple[str, ...]
) -> None:
    dealdesk = line_of(f"sqlite:///{tmp_path}/empty.db")

    assert (
        dealdesk(*words, code=2).stderr == f"数据库是第 0 版，程序要第 {SCHEMA_VERSION} 版：运行 dealdesk migrate。\n"
    )


def test_admin_code_is_printed_once_and_only_its_hash_is_kept_r_ppl_4(both: tuple[Line, Store]) -> None:
    dealdesk, store = both
    result = dealdesk("admin-code")

    code = result.stdout.strip()
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", code)
    assert result.stderr == f"30 分钟内在单聊里发给销售助手：我是管理员 {code}\n"
    with store.snapshot() as conn:
        [kept] = [entity_of(AdminCode, row) for row in conn.execute(query(AdminCode))]
        everything = str(conn.execute(text("SELECT * FROM audit")).all()) + str(
            [bytes(p) for p in conn.execute(text("SELECT payload FROM inbox")).scalars()]
        )
    assert (kept.id, kept.used_by) == (digest(code), "")
    assert code not in everything
    assert code.replace("-", "") not in everything


def test_every_admin_code_is_another_r_ppl_4(dealdesk: Line) -> None:
    assert len({dealdesk("admin-code").stdout for _ in range(3)}) == 3


def test_audit_of_the_command_line_is_sealed_at_once_r_aud(both: tuple[Line, Store], tmp_path: Path) -> None:
    dealdesk, store = both
    dealdesk("admin-code")

    listed = dealdesk("audit", "list").output.split("  ")
    assert listed[1].startswith("cli:")
    assert listed[2:4] == ["admin_code.issue", "admin_code"]
    if store.is_sqlite:
        assert dealdesk("audit", "verify").output == "审计记录完整，共 1 条。\n"
        assert (tmp_path / "data/audit-head.json").exists()


def test_audit_verify_prints_every_fault_and_exits_1_r_aud(dealdesk: Line, tmp_path: Path) -> None:
    dealdesk("admin-code")
    (tmp_path / "data/audit-head.json").unlink()
    opened = Store(dealdesk.url)
    committed(opened, lambda conn: conn.execute(text("UPDATE audit_seals SET signature = 'x'")))
    opened.close()

    assert dealdesk("audit", "verify", code=1).output.splitlines() == [
        "seal at 1 has a wrong signature", "the signed head file is missing",
    ]  # fmt: skip


def test_damaged_key_file_is_named_and_never_shown(dealdesk: Line, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/key").write_text("shh-not-hex")

    for words in (("audit", "verify"), ("admin-code",), ("doctor",)):
        found = dealdesk(*words, code=2).stderr
        assert found.startswith("DEALDESK_KEY_FILE: ")
        assert "shh" not in found


def test_doctor_finds_a_whole_database_and_says_what_is_missing_r_adm_4(dealdesk: Line) -> None:
    found = json.loads(dealdesk("doctor", "--json", code=1).stdout)

    checks = {check["name"]: check for check in found["checks"]}
    assert not found["ok"]
    assert [name for name, check in checks.items() if not check["ok"]] == ["平台"]
    assert checks["平台"]["fix"] == "先填一个平台的密钥（如 DEALDESK_FEISHU__APP_ID），步骤在 docs/platforms/。"
    assert checks["数据库"]["found"] == f"sqlite，第 {SCHEMA_VERSION} 版"
    assert checks["审计"]["found"] == "完整"


def test_doctor_in_words_marks_each_check_and_names_the_order_r_adm_4(dealdesk: Line) -> None:
    lines = dealdesk("doctor", code=1).output.splitlines()

    assert lines[0] == f"✓ 数据库：sqlite，第 {SCHEMA_VERSION} 版"
    assert "✗ 平台：一个都没配" in lines
    assert lines[-1].startswith("应答顺序：card action → exact command")


def test_doctor_lists_what_died_with_the_fix_and_brings_it_back_r_adm_4(both: tuple[Line, Store]) -> None:
    dealdesk, store = both
    dead_event(store)
    lost = Row("r1", "out:x", "reply", state=DEAD, error="NotAllowed 230002")
    committed(store, lambda conn: plan(conn, store, [lost]))

    output = dealdesk("doctor", code=1).output

    assert "✗ 没办成的事：1 件\n    feishu:t:1 message KeyError: 'x'" in output
    assert "运行 dealdesk doctor --retry feishu:t:1，会排回原位。" in output
    assert "✗ 没发出的消息：1 条\n    r1 reply NotAllowed 230002" in output
    assert dealdesk("doctor", "--retry", "feishu:t:1").output == "排回原位了，服务在跑就会接着办。\n"
    with store.snapshot() as conn:
        assert inbox.dead(conn) == []
        assert inbox.count_waiting(conn) == 1
    assert "没有这件事" in dealdesk("doctor", "--retry", "feishu:t:1", code=1).output


def test_doctor_of_an_older_database_names_the_command_r_adm_4(line_of: Callable[[str], Line], tmp_path: Path) -> None:
    dealdesk = line_of(f"sqlite:///{tmp_path}/empty.db")

    found = json.loads(dealdesk("doctor", "--json", code=1).stdout)

    assert found["checks"][0] == {
        "name": "数据库", "ok": False, "found": f"第 0 版，要第 {SCHEMA_VERSION} 版", "fix": "运行 dealdesk migrate。"
    }  # fmt: skip


def test_doctor_of_a_database_that_is_away_says_so_r_adm_4(line_of: Callable[[str], Line]) -> None:
    dealdesk = line_of("postgresql://u:shh@127.0.0.1:1/d")

    output = dealdesk("doctor", code=1).output

    assert "✗ 数据库：打不开（OperationalError）\n    看 DEALDESK_DATABASE_URL 对不对、数据库开没开。" in output
    assert "shh" not in output


def test_doctor_says_when_a_platform_cannot_be_reached_r_adm_4(dealdesk: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name, value in (("APP_ID", "cli_1"), ("APP_SECRET", "shh"), ("VERIFICATION_TOKEN", "shh"),
                        ("API_BASE", f"http://127.0.0.1:{port}")):  # fmt: skip
        monkeypatch.setenv(f"DEALDESK_FEISHU__{name}", value)

    output = dealdesk("doctor", code=1).output

    assert "✗ 平台 feishu：" in output
    assert "shh" not in output


@pytest.mark.parametrize(
    "words", [("migrate",), ("doctor",), ("serve",), ("admin-code",), ("audit", "verify"), ("audit", "list")]
)
def test_wrong_settings_exit_2_naming_the_variable_and_never_its_value(
    dealdesk: Line, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DEALDESK_DATABASE_URL", "mysql://u:shh@host/d")
    monkeypatch.setenv("DEALDESK_FEISHU__APP_SECRET", "shh")

    result = dealdesk(*words, code=2)

    assert result.stderr.splitlines() == [
        "DEALDESK_DATABASE_URL: Value error, must begin with sqlite:/// or postgresql://",
        "DEALDESK_FEISHU__APP_ID: Field required",
        "DEALDESK_FEISHU__VERIFICATION_TOKEN: Value error, is needed, except in socket mode",
    ]
    assert "shh" not in result.output


@pytest.mark.parametrize(
    "url", ["postgresql://u:shh@127.0.0.1:1/d", "postgresql://u:shh@[::1/d", "sqlite:////proc/shh/d.db"]
)
@pytest.mark.parametrize("words", [("migrate",), ("admin-code",), ("audit", "verify")])
def test_database_that_cannot_be_opened_is_named_and_never_shown(
    line_of: Callable[[str], Line], url: str, words: tuple[str, ...]
) -> None:
    result = line_of(url)(*words, code=2)

    assert result.stderr.startswith("DEALDESK_DATABASE_URL: the database cannot be opened (")
    assert "shh" not in result.output


def test_serve_without_a_platform_says_which_keys(dealdesk: Line) -> None:
    assert "DEALDESK_FEISHU__APP_ID" in dealdesk("serve", code=2).stderr


def test_unknown_command_is_wrong_use(dealdesk: Line) -> None:
    assert "No such command" in dealdesk("dance", code=2).stderr


def test_help_lists_every_command(dealdesk: Line) -> None:
    output = dealdesk("--help").output

    names = ("admin-code", "audit", "demo", "doctor", "import", "migrate", "parse", "serve")
    assert [name for name in names if f"\n  {name} " not in output] == []
