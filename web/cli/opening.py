"""What commands open: the settings of the environment and the engine with the domain plugged in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from web.config import Settings

if TYPE_CHECKING:
    from engine import ProcessEngine


def read_settings(*, signs: bool = False) -> Settings:
    """Read the settings of the environment; `signs` for commands that need the secret key.

    Raises:
        SettingsError: Some cannot be used.
    """
    return Settings.from_env(os.environ, signs=signs)


@contextmanager
def opened(database_url: str | None = None, *, migrate: bool = False, deploy: bool = False) -> Iterator[ProcessEngine]:
    """Open the engine of the installation, or of another database."""
    from workflows.install import open_engine

    url = database_url or read_settings().database_url
    make_folder(url)
    engine = open_engine(url, migrate=migrate, deploy=deploy)
    try:
        yield engine
    finally:
        engine.close()


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
