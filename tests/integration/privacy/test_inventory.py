"""The inventory of personal data: nothing that holds text is missing, and the page that people read says the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import JSON, LargeBinary, String

from engine.services.erasure import _JSON, _TEXT
from migrations.models import metadata_of_all_rooms
from web.privacy.inventory import BY_TABLE, INVENTORY, Sort, Way, as_markdown
from web.privacy.words import KEPT_WORDS, TABLE_WORDS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "privacy.md"


def texts() -> dict[str, set[str]]:
    """Return every column of every table in which a text could stand."""
    return {
        name: {column.name for column in table.columns if isinstance(column.type, String | LargeBinary | JSON)}
        for name, table in metadata_of_all_rooms().tables.items()
    }


def test_every_column_that_may_hold_something_about_persons_is_classified() -> None:
    classified = {kept.table: set(kept.columns) for kept in INVENTORY}

    missing = {
        table: sorted(columns - classified.get(table, set()))
        for table, columns in texts().items()
        if columns - classified.get(table, set())
    }

    assert not missing, (
        "say in web/privacy/inventory.py what these columns hold, why and how long; then docs/privacy.md"
    )


def test_the_inventory_names_nothing_that_is_not_there() -> None:
    found = texts()

    assert len(BY_TABLE) == len(INVENTORY)
    assert not {
        kept.table: set(kept.columns) - found.get(kept.table, set())
        for kept in INVENTORY
        if set(kept.columns) - found.get(kept.table, set())
    }


def test_every_table_with_personal_data_is_at_hand_where_it_is_needed() -> None:
    """A room of its own whose tables web/privacy/tables.py does not know would fail only when somebody asks."""
    script = "from web.privacy.tables import table; from web.privacy.inventory import PERSONAL; [table(k.table) for k in PERSONAL]"

    subprocess.run([sys.executable, "-c", script], check=True, cwd=PAGE.parents[1])


def test_the_page_says_what_the_inventory_says() -> None:
    shown = PAGE.read_text("utf-8").partition("<!-- inventory: saanphaen privacy inventory -->")[2]

    assert shown.partition("<!-- end of inventory -->")[0].strip() == as_markdown().strip()


def test_what_holds_personal_data_has_a_reason_and_an_end() -> None:
    for kept in INVENTORY:
        personal = [name for name, sort in kept.columns.items() if sort is not Sort.PLAIN]
        if kept.way is Way.NONE:
            assert not personal, kept.table
        else:
            assert personal, kept.table
            assert "–" not in (kept.why, kept.basis, kept.seen_by, kept.until), kept.table
            assert kept.table in TABLE_WORDS, kept.table
            assert kept.table in KEPT_WORDS, kept.table


def test_the_engine_takes_names_out_of_just_what_the_inventory_calls_replaced() -> None:
    done = {table: {*_JSON.get(table, ()), *_TEXT.get(table, ())} for table in {*_JSON, *_TEXT}}
    wanted = {
        kept.table: set(kept.of(Sort.NAME, Sort.TEXT, Sort.DATA))
        for kept in INVENTORY
        if kept.table.startswith("bpm_") and kept.way is Way.REPLACED and kept.of(Sort.NAME, Sort.TEXT, Sort.DATA)
    }

    assert done == wanted
    assert BY_TABLE["bpm_history"].way is Way.ATTESTED
