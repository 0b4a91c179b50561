"""`saanphaen privacy`: what is kept of one person, taking a person out, and what is over its time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from web.cli.output import progress, say, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from web.privacy.person import Subject

_also = click.option("--also", multiple=True, metavar="NAME", help="Another way in which the name is written.")
_named = click.option(
    "--named", is_flag=True, help="PERSON is a name as written in plans, of nobody in the organisation."
)
_person = click.argument("person")


@click.group("privacy")
def command() -> None:
    """Personal data (PDPA): export, anonymise, sweep; docs/privacy.md tells what is kept."""


@command.command()
@_person
@_named
@_also
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write, JSON.")
@click.option("--reason", default="", help="Who asked for it, and when; kept in the record of such requests.")
def export(*, person: str, named: bool, also: tuple[str, ...], out: Path, reason: str) -> None:
    """Write everything of PERSON (an id of the organisation) to a file that only you can read."""
    import os

    from web.cli.opening import opened
    from web.privacy.anonymising import record_act
    from web.privacy.exporting import counts
    from web.privacy.exporting import export as pieces_of

    find = _finder(person, also, named=named)
    with opened() as engine, progress("Exporting") as tell:
        with engine.unit_of_work() as uow:
            subject = find(uow.session)
            found = counts(uow.session, subject)
            record_act(uow, "export", subject, reason=reason, counts=found)
        with engine.reading() as read:
            opening = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(opening, "w", encoding="utf-8") as file:
                for piece in pieces_of(read.session, subject, read.now, texts=True, progress=tell):
                    file.write(piece)
    say(f"{out}: {sum(found.values())} rows of the person in {len(found)} tables, and the texts that name them.")


@command.command()
@_person
@_named
@_also
@click.option("--reason", required=True, help="Why; kept for good, also in the audit trail: do not write the name.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def anonymise(*, person: str, named: bool, also: tuple[str, ...], reason: str, yes: bool) -> None:
    """Take PERSON out of everything that is kept; shows first what goes and what stays by law.

    The audit trail still verifies afterwards. Refused while the person holds a position or has open tasks.
    """
    from web.cli.opening import opened
    from web.privacy.anonymising import anonymise as take_out
    from web.privacy.anonymising import preview

    find = _finder(person, also, named=named)
    with opened() as engine:
        with engine.reading() as read:
            found = preview(read, find(read.session))
        _show(found)
        if not yes:
            click.confirm("Take the person out? This cannot be undone", abort=True)
        with progress("Taking out") as tell, engine.unit_of_work() as uow:
            done = take_out(uow, find(uow.session), reason=reason, progress=tell)
    say(f"Done: the name gave way to {done.reference} in {sum(done.counts.values())} rows.")


@command.command()
@click.option("--apply", is_flag=True, help="Remove it; without this nothing is changed.")
def sweep(*, apply: bool) -> None:
    """Show what is over its time (settings SAANPHAEN_KEEP_…), and files that no plan refers to; --apply removes it."""
    from web.cli.opening import opened, read_settings
    from web.composition import file_store
    from web.privacy import sweeping

    settings = read_settings()
    store = file_store(settings)
    with opened() as engine, progress("Sweeping") as tell:
        swept = (
            sweeping.sweep(engine, settings, store, progress=tell) if apply else sweeping.look(engine, settings, store)
        )
    table(
        "",
        ("what", "removed" if apply else "over its time"),
        [(each.kind, each.count) for each in swept],
        right=("removed", "over its time"),
    )
    if not apply and any(each.count for each in swept):
        say("Nothing was removed: saanphaen privacy sweep --apply does it; the worker does it once a day.")


@command.command()
def inventory() -> None:
    """Write the inventory as the table of docs/privacy.md."""
    from web.privacy.inventory import as_markdown

    say(as_markdown())


def _finder(person: str, also: tuple[str, ...], *, named: bool) -> Callable[[Session], Subject]:
    from web.privacy.person import find_subject, named_subject

    if named:
        return lambda _session: named_subject(person, also=also)
    return lambda session: find_subject(session, person, also=also)


def _show(found: Any) -> None:
    rows = [(share.table, share.rows, "stays by law" if share in found.stays else share.way) for share in found.shares]
    table("", ("table", "rows", "what becomes of them"), rows, right=("rows",))
    if found.subject.names:
        say(f"Names looked for: {'; '.join(found.subject.names)}")
