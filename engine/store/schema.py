"""The database's revision: what it has, what it must have, and the way up (Alembic, never `create_all`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text

from engine.errors import DatabaseUnavailable
from engine.store.database import begin

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection, Engine

_ADVISORY_LOCK: Final = 5_170_001  # one upgrade at a time on PostgreSQL; any constant number


@cache
def head_revision() -> str:
    """Name the newest revision that this code brings."""
    from alembic.script import ScriptDirectory

    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def knows_revision(revision: str) -> bool:
    """Tell whether this code knows how to bring a database of a revision up."""
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    try:
        return ScriptDirectory.from_config(_config()).get_revision(revision) is not None
    except CommandError:
        return False


def ensure_not_newer(revision: str | None) -> None:
    """Refuse a database that a later version of this code has made or upgraded.

    Raises:
        DatabaseUnavailable: This code does not know the revision.
    """
    if revision in {None, head_revision()} or knows_revision(str(revision)):
        return
    raise DatabaseUnavailable(
        f"Expected a database of this version or of an earlier one, but it is at revision {revision}, which this"
        " version does not know: start the version that made it, or a later one.",
        reason="newer",
        revision=revision,
    )


def current_revision(engine: Engine) -> str | None:
    """Name the revision of the database; None when it is empty."""
    with engine.connect() as connection:
        return _current(connection)


def is_empty(engine: Engine) -> bool:
    """Tell whether the database has no table at all."""
    with engine.connect() as connection:
        return not inspect(connection).get_table_names()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to a revision, in one transaction; several processes may try at once.

    Killed in the middle, it leaves the database as it was: start it again.

    Raises:
        DatabaseUnavailable: A later version of this code has made or upgraded the database.
    """
    _migrate(engine, revision, up=True)


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the database down to a revision (`base` empties it), in one transaction.

    Raises:
        DatabaseUnavailable: A later version of this code has made or upgraded the database.
    """
    _migrate(engine, revision, up=False)


def _migrate(engine: Engine, revision: str, *, up: bool) -> None:
    from alembic import command

    with engine.connect() as connection, begin(connection, writes=True):
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        ensure_not_newer(_current(connection))
        config = _config()
        config.attributes["connection"] = connection
        if up:
            command.upgrade(config, revision)
        else:
            command.downgrade(config, revision)


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return row[0] if row else None


def _config() -> Config:
    from alembic.config import Config

    import migrations

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    # File names sort by date; the revision id is the date, so that a list reads as a story.
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(hour).2d%%(minute).2d_%%(slug)s")
    return config
