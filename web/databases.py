"""Where a database stands: the file of SQLite and its folder."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url


def make_folder(database_url: str) -> None:
    """Make the folder in which a SQLite file stands; SQLite makes the file only."""
    path = sqlite_file(database_url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)


def sqlite_file(database_url: str) -> Path | None:
    """Return the file of a SQLite database, None for one in memory or on a server."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))
