"""`saanphaen secret`: a new key for SAANPHAEN_SECRET_KEY."""

from __future__ import annotations

import secrets

import click

from web.cli.output import say


@click.command("secret", short_help="Write a new secret key.")
def command() -> None:
    """Write a new key for SAANPHAEN_SECRET_KEY; nothing is stored."""
    say(secrets.token_urlsafe(48))
