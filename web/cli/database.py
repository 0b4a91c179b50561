"""`saanphaen db`: the database's revision, up and down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from web.cli.output import say

if TYPE_CHECKING:
    from sqlalchemy import Engine


@click.group("db")
def command() -> None:
    """The database: its revision, up and down."""


@command.command(short_help="Bring the database up to this version.")
@click.option("--revision", default="head", show_default=True, help="How far.")
def upgrade(revision: str) -> None:
    """Bring the database up to this version of the product; an empty one gets its tables."""
    from engine import current_revision
    from engine import upgrade as bring_up

    with _opened() as database:
        before = current_revision(database)
        bring_up(database, revision)
        after = current_revision(database)
    say(
        f"Nothing to do: the database is at {after}."
        if before == after
        else f"Upgraded: {before or 'empty'} → {after}."
    )


@command.command(short_help="Bring the database down to a revision.")
@click.argument("revision")
@click.confirmation_option(
    "--yes", prompt="What later revisions keep is deleted with them. Have you a backup, and is it meant so?"
)
def downgrade(revision: str) -> None:
    """Bring the database down to REVISION (`base` removes all tables); what later revisions keep is lost."""
    from engine import current_revision
    from engine import downgrade as bring_down

    with _opened() as database:
        before = current_revision(database)
        bring_down(database, revision)
        after = current_revision(database)
    say(f"Downgraded: {before or 'empty'} → {after or 'empty'}.")


@command.command(short_help="Name the revisions of database and product.")
@click.pass_context
def current(ctx: click.Context) -> None:
    """Name the revision of the database and of this product; exit status 1 when they differ."""
    from engine import current_revision, head_revision

    with _opened() as database:
        found = current_revision(database)
    newest = head_revision()
    say(f"database {found or 'empty'}")
    say(f"product  {newest}")
    ctx.exit(0 if found == newest else 1)


@contextmanager
def _opened() -> Iterator[Engine]:
    from engine import open_database
    from web.cli.opening import read_settings
    from web.databases import make_folder

    url = read_settings().database_url
    make_folder(url)
    database = open_database(url)
    try:
        yield database
    finally:
        database.dispose()
