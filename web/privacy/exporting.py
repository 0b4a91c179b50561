"""All that is kept of one person, as JSON that a person can read: table by table, why, and the rows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Final

from sqlalchemy import or_
from sqlalchemy.orm import Session

from web.privacy import rows
from web.privacy.inventory import PERSONAL, Kept, Sort
from web.privacy.person import Subject

FORM: Final = "saanphaen-person/1"
_OWN_WORDS: Final = frozenset({"web_task_draft", "note_notification", "bpm_history"})
"""Tables whose data the person typed or was told; those of other tables hold what everybody in a process typed."""
Progress = Callable[[int, int], None]


def export(
    session: Session, subject: Subject, now: dt.datetime, *, texts: bool, progress: Progress | None = None
) -> Iterator[str]:
    """Write everything of one person, a piece at a time.

    Args:
        session: Where.
        subject: Who.
        now: The moment that is written into it.
        texts: Also rows of others in whose texts the person is named; not for the person's own page, where they would
            show what others wrote in plans that the person may not see.
        progress: Told how many tables of how many are done.
    """
    head = {"form": FORM, "made_at": now.isoformat(), "person": subject.id, "name": subject.name}
    yield json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "tables": {'
    begun = False
    for done, kept in enumerate(PERSONAL, 1):
        for piece in _table(session, kept, subject, texts=texts):
            yield piece if begun or piece[0] != "," else piece[1:]
            begun = True
        if progress is not None:
            progress(done, len(PERSONAL))
    yield "\n }\n}\n"


def counts(session: Session, subject: Subject) -> dict[str, int]:
    """Count a person's own rows, table by table; tables without any are left out."""
    found = {kept.table: rows.count(session, kept, rows.own(kept, subject)) for kept in PERSONAL}
    return {table: number for table, number in found.items() if number}


def _table(session: Session, kept: Kept, subject: Subject, *, texts: bool) -> Iterator[str]:
    conditions = [rows.own(kept, subject), rows.named(session, kept, subject) if texts else None]
    wanted = [condition for condition in conditions if condition is not None]
    if not wanted:
        return
    about = {"why": kept.why, "basis": kept.basis, "kept": kept.until}
    first = True
    hidden = () if texts or kept.table in _OWN_WORDS else kept.of(Sort.DATA)
    for row in rows.rows(session, kept, or_(*wanted), hidden=hidden):
        if first:
            opening = json.dumps(about, ensure_ascii=False)[:-1]
            yield f',\n  {json.dumps(kept.table)}: {opening}, "rows": ['
            first = False
            yield "\n   " + json.dumps(row, ensure_ascii=False)
            continue
        yield ",\n   " + json.dumps(row, ensure_ascii=False)
    if not first:
        yield "]}"
