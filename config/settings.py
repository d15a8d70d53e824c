"""Everything the environment decides, read once at the start. Wrong or missing values stop it with their name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError, create_model, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

PREFIX = "DEALDESK_"
TOML = "dealdesk.toml"


class PlatformSettings(BaseModel):
    """What one platform wants set; the platform is on when its keys are there."""

    model_config = {"frozen": True, "extra": "forbid"}


class Settings(BaseSettings):
    """Names and defaults are public surface; environment first, then dealdesk.toml."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, toml_file=TOML, extra="forbid", frozen=True
    )

    database_url: str = "sqlite:///./data/dealdesk.db"
    redis_url: str = ""
    listen: str = "127.0.0.1:8080"
    admin_listen: str = "127.0.0.1:8081"
    public_url: str = ""
    data_dir: Path = Path("./data")
    key_file: Path | None = None
    timezone: str = "Asia/Shanghai"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except Exception as error:
            raise ValueError("is no time zone; use a name such as Asia/Shanghai") from error
        return value

    @field_validator("listen", "admin_listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
            raise ValueError("must be HOST:PORT, such as 127.0.0.1:8080")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @property
    def platforms(self) -> dict[str, PlatformSettings]:
        """The platforms whose keys are there, by name."""
        given = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: value for name, value in given if isinstance(value, PlatformSettings)}

    @property
    def key_path(self) -> Path:
        """Where the signing and encrypting key is kept."""
        return self.key_file or self.data_dir / "key"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then dealdesk.toml in the working directory."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


class WrongSettings(Exception):
    """Settings that cannot be used; one line per fault, with the setting's name and never its value."""


def load(platforms: Mapping[str, type[PlatformSettings]], **given: Any) -> Settings:
    """The settings with those of each platform under its name, or WrongSettings naming each fault."""
    fields: dict[str, Any] = {name: (model | None, None) for name, model in platforms.items()}
    try:
        found: Settings = create_model("Settings", __base__=Settings, **fields)(**given)
        return found
    except ValidationError as error:
        lines = []
        for fault in error.errors(include_url=False, include_input=False):
            name = PREFIX + "__".join(str(part).upper() for part in fault["loc"])
            lines.append(f"{name}: {fault['msg']}")
        raise WrongSettings("\n".join(lines)) from None
    except (SettingsError, TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSettings(f"{TOML}: is not TOML ({type(error).__name__}); mend or remove it") from None


def host_port(value: str) -> tuple[str, int]:
    """127.0.0.1:8080 as host and port."""
    host, _, port = value.rpartition(":")
    return host.strip("[]"), int(port)
