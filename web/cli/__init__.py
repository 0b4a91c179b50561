"""The command `saanphaen`: one noun a file, imported when it is called, so that `--help` answers at once."""

from __future__ import annotations

import importlib
import logging
import sys
from io import TextIOWrapper
from typing import Any, Final

import click
from typing_extensions import override

NOUNS: Final = {
    "audit": "web.cli.audit",
    "backup": "web.cli.backup",
    "bench": "web.cli.bench",
    "clocks": "web.cli.clocks",
    "db": "web.cli.database",
    "decide": "web.cli.decide",
    "demo": "web.cli.demo",
    "deploy": "web.cli.deploy",
    "doctor": "web.cli.doctor",
    "feel": "web.cli.feel",
    "layout": "web.cli.layout",
    "privacy": "web.cli.privacy",
    "replay": "web.cli.replay",
    "restore": "web.cli.restore",
    "secret": "web.cli.secret",
    "serve": "web.cli.serve",
    "users": "web.cli.users",
    "validate": "web.cli.validate",
    "worker": "web.cli.worker",
}
INTERRUPTED: Final = 130


class Commands(click.Group):
    """Finds commands by name in their files; what a command refuses is one line, never a traceback."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(NOUNS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in NOUNS:
            return None
        found: click.Command = importlib.import_module(NOUNS[cmd_name]).command
        return found

    @override
    def invoke(self, ctx: click.Context) -> Any:
        # A command tells by itself what people need to know; the ones that go on for long set up a log of their own.
        logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except Exception as error:
            from web.cli.refusals import in_one_line

            told = in_one_line(error)
            if told is None:
                raise
            raise click.ClickException(told) from error


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="saanphaen")
def cli() -> None:
    """สานแผน: statutory planning of Thailand's provinces, as a process engine with a web application.

    Settings are environment variables (docs/configuration.md). Exit status: 0 done, 1 refused or a problem was
    found, 2 wrong usage, 130 interrupted.
    """


def main() -> None:
    """Run the command line; what it writes is UTF-8, whatever the terminal's locale says."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    cli.main(prog_name="saanphaen")
