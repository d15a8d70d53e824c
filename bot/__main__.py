"""The command line. One file per command in bot/commands/; exit 0 done, 1 the answer is no, 2 wrong use."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

COMMANDS = {
    "admin-code": "admin_code",
    "audit": "audit",
    "config": "config",
    "demo": "demo",
    "doctor": "doctor",
    "import": "import_",
    "metric": "metric",
    "migrate": "migrate",
    "parse": "parse",
    "serve": "serve",
}


class Lazy(click.Group):
    """Loads only the command that runs: `parse` must not wait for a web server to be imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command from its file."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"bot.commands.{COMMANDS[name]}")
        found: click.Command = module.command
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a setting that turns out wrong on the way ends it with its name."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            from config.settings import WrongSettings

            if not isinstance(error, WrongSettings):
                raise
            click.echo(str(error), err=True)
            sys.exit(2)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Dealdesk: the sales team's assistant in the chat."""


if __name__ == "__main__":
    sys.exit(main(prog_name="dealdesk"))
