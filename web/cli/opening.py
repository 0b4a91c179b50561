"""What commands open: the settings of the environment and the engine with the domain plugged in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from web.config import Settings
from web.databases import make_folder

if TYPE_CHECKING:
    from engine import Duty, ProcessEngine


def read_settings(*, signs: bool = False) -> Settings:
    """Read the settings of the environment; `signs` for commands that need the secret key.

    Raises:
        SettingsError: Some cannot be used.
    """
    return Settings.from_env(os.environ, signs=signs)


@contextmanager
def opened(
    database_url: str | None = None, *, migrate: bool = False, deploy: bool = False, duties: Sequence[Duty] = ()
) -> Iterator[ProcessEngine]:
    """Open the engine of the installation, or of another database; with duties where what falls due is done."""
    from workflows.install import open_engine

    url = database_url or read_settings().database_url
    make_folder(url)
    engine = open_engine(url, migrate=migrate, deploy=deploy, duties=duties)
    try:
        yield engine
    finally:
        engine.close()
