"""`saanphaen doctor`: what is wrong with this installation, and what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from web.cli.output import say, say_json

_SIGNS: Final = {"good": "✓", "warning": "!", "failing": "✗"}
_STATUS: Final = {"good": 0, "failing": 1, "warning": 3}


@click.command("doctor", short_help="Say what is wrong with this installation.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--language", type=click.Choice(["th", "en"]), help="Of the sentences; default: of the terminal.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool, language: str | None) -> None:
    """Look at database, migrations, workers, waiting jobs, clock, disk, data folder, mail and keys; change nothing.

    Exit status: 0 all is well, 3 there are warnings, 1 something hinders people or will.
    """
    from web.cli.opening import read_settings
    from web.doctor.examining import examine
    from web.doctor.findings import worst

    settings = read_settings()
    found = list(examine(settings))
    status = worst(found)
    with _speaking(language or _language_of_terminal()):
        told = [
            {"check": one.check, "status": str(one.status), "message": str(one.message), "facts": dict(one.facts)}
            for one in found
        ]
    if as_json:
        say_json({"status": str(status), "checks": told})
    else:
        for line in told:
            say(f"{_SIGNS[str(line['status'])]} {line['check']}: {line['message']}")
    ctx.exit(_STATUS[str(status)])


@contextmanager
def _speaking(language: str) -> Iterator[None]:
    from flask import Flask

    from web.extensions import babel

    speaker = Flask("web")
    babel.init_app(speaker, default_locale=language, locale_selector=lambda: language)
    with speaker.app_context():
        yield


def _language_of_terminal() -> str:
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "th" if spoken.startswith("th") else "en"
