"""Settings: environment first, then dealdesk.toml; a fault names its variable and never its value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.platforms.registry import KINDS, load_settings
from config.settings import Settings, WrongSettings, host_port

FEISHU = {"app_id": "cli_1", "app_secret": "shh-secret", "verification_token": "shh-token"}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No dealdesk.toml and no variable of the developer's."""
    import os

    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("DEALDESK_"):
            monkeypatch.delenv(name)


def wrong(**given: Any) -> str:
    with pytest.raises(WrongSettings) as caught:
        load_settings(**given)
    return str(caught.value)


def test_defaults_are_those_of_the_public_surface() -> None:
    found = load_settings()

    assert found.platforms == {}
    assert Settings(**found.model_dump(exclude=set(KINDS))) == Settings(
        database_url="sqlite:///./data/dealdesk.db", redis_url="", listen="127.0.0.1:8080",
        admin_listen="127.0.0.1:8081", public_url="", data_dir=Path("./data"), key_file=None,
        timezone="Asia/Shanghai",
    )  # fmt: skip
    assert found.key_path == Path("data/key")


def test_environment_is_read_with_its_nested_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("APP_ID", "cli_1"),
        ("APP_SECRET", "s"),
        ("VERIFICATION_TOKEN", "t"),
        ("CARD_IN_ANSWER", "on"),
    ):
        monkeypatch.setenv(f"DEALDESK_FEISHU__{name}", value)
    monkeypatch.setenv("DEALDESK_KEY_FILE", "/secrets/key")

    found = load_settings()

    assert found.feishu is not None
    assert (found.feishu.app_id, found.feishu.app_secret.get_secret_value()) == ("cli_1", "s")
    assert found.feishu.card_in_answer
    assert found.feishu.api_base == "https://open.feishu.cn"
    assert found.key_path == Path("/secrets/key")


def test_environment_wins_over_the_file_and_arguments_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("dealdesk.toml").write_text('listen = "127.0.0.1:1"\ntimezone = "UTC"\nredis_url = "redis://file"\n')
    monkeypatch.setenv("DEALDESK_LISTEN", "127.0.0.1:2")
    monkeypatch.setenv("DEALDESK_TIMEZONE", "Europe/Berlin")

    found = load_settings(timezone="Asia/Tokyo")

    assert (found.listen, found.timezone, found.redis_url) == ("127.0.0.1:2", "Asia/Tokyo", "redis://file")


def test_empty_variables_count_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DEALDESK_FEISHU__APP_ID", "DEALDESK_KEY_FILE", "DEALDESK_DATABASE_URL"):
        monkeypatch.setenv(name, "")

    assert load_settings().platforms == {}
    assert load_settings().model_dump() == {**Settings().model_dump(), **dict.fromkeys(KINDS)}


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("LISTEN", "shh", "DEALDESK_LISTEN: Value error, must be HOST:PORT, such as 127.0.0.1:8080"),
        ("LISTEN", "shh:²", "DEALDESK_LISTEN: Value error, must be HOST:PORT, such as 127.0.0.1:8080"),
        ("ADMIN_LISTEN", "shh:65536", "DEALDESK_ADMIN_LISTEN: Value error, must be HOST:PORT, such as 127.0.0.1:8080"),
        ("TIMEZONE", "shh/Zone", "DEALDESK_TIMEZONE: Value error, is no time zone; use a name such as Asia/Shanghai"),
        ("TIMEZONE", "../shh", "DEALDESK_TIMEZONE: Value error, is no time zone; use a name such as Asia/Shanghai"),
        (
            "DATABASE_URL",
            "mysql://u:shh@h/d",
            "DEALDESK_DATABASE_URL: Value error, must begin with sqlite:/// or postgresql://",
        ),
        (
            "FEISHU",
            "shh",
            "DEALDESK_FEISHU: Input should be a valid dictionary or instance of FeishuSettings",
        ),
    ],
)
def test_wrong_value_is_named_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, fault: str
) -> None:
    monkeypatch.setenv(f"DEALDESK_{name}", value)

    assert wrong() == fault


def test_missing_and_unknown_keys_are_named_one_a_line() -> None:
    found = wrong(feishu={"app_id": "cli_1", "app_secret": "shh", "mode": "shh", "colour": "shh"})

    assert found.splitlines() == [
        "DEALDESK_FEISHU__MODE: Input should be 'webhook' or 'socket'",
        "DEALDESK_FEISHU__VERIFICATION_TOKEN: Value error, is needed, except in socket mode",
        "DEALDESK_FEISHU__COLOUR: Extra inputs are not permitted",
    ]


@pytest.mark.parametrize("key", FEISHU)
def test_empty_key_of_a_platform_is_a_fault(key: str) -> None:
    assert wrong(feishu={**FEISHU, key: ""}).startswith(f"DEALDESK_FEISHU__{key.upper()}: ")


def test_unknown_key_in_the_file_is_named() -> None:
    Path("dealdesk.toml").write_text('colour = "shh"\n')

    assert wrong() == "DEALDESK_COLOUR: Extra inputs are not permitted"


@pytest.mark.parametrize("content", [b"listen = shh", b"\xff\xfe"])
def test_file_that_is_no_toml_is_named(content: bytes) -> None:
    Path("dealdesk.toml").write_bytes(content)

    assert wrong().startswith("dealdesk.toml: is not TOML (")
    assert "shh" not in wrong()


def test_secrets_are_not_printed() -> None:
    found = load_settings(feishu=FEISHU)

    assert "shh" not in repr(found) + str(found)


@pytest.mark.parametrize(
    ("written", "parts"), [("127.0.0.1:80", ("127.0.0.1", 80)), ("[::1]:8080", ("::1", 8080)), ("h:0", ("h", 0))]
)
def test_host_and_port(written: str, parts: tuple[str, int]) -> None:
    assert host_port(written) == parts
