"""Errors that a person can act on, each in one line; everything else is a bug and keeps its traceback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from alembic.util import CommandError
from sqlalchemy.exc import ArgumentError, DBAPIError

from engine import DatabaseUnavailable, DeploymentRejected, EngineError
from web.assets import AssetsMissing
from web.backups.errors import BackupRefused
from web.config import SettingsError
from workflows.errors import DomainError


def in_one_line(error: Exception) -> str | None:
    """Return what to tell about an error, None when it is none that a person can act on."""
    for kind, told in _TOLD:
        if isinstance(error, kind):
            words = told(error)
            return " ".join(words.split()) if words else None
    return None


def _unavailable(error: DatabaseUnavailable) -> str:
    hint = " `saanphaen db upgrade` does it." if error.facts.get("reason") == "outdated" else ""
    return error.message + hint


def _own_or_usual(error: Exception) -> str:
    return str(error) or (type(error).__doc__ or "").strip().splitlines()[0]


def _no_module(error: ModuleNotFoundError) -> str:
    if error.name != "psycopg":
        return ""
    return "Expected the driver of PostgreSQL, but it is not installed: pip install 'saanphaen[postgres]'."


def _system(error: OSError) -> str:
    return f"{error.filename or 'The system'}: {error.strerror}" if error.strerror else ""


def _first_line(error: object) -> str:
    return next(iter(str(error).strip().splitlines()), "nothing")


_TOLD: Final[tuple[tuple[type[Exception], Callable[[Any], str]], ...]] = (
    (DatabaseUnavailable, _unavailable),
    (DeploymentRejected, str),
    (EngineError, lambda error: error.message),
    (DomainError, lambda error: error.message),
    (SettingsError, str),
    (BackupRefused, _own_or_usual),
    (AssetsMissing, str),
    (DBAPIError, lambda error: f"Expected the database to answer, but it says: {_first_line(error.orig)}"),
    (ArgumentError, lambda error: f"Expected the url of a database, but {_first_line(error)}"),
    (CommandError, lambda error: f"Expected a revision of this product, but: {_first_line(error)}"),
    (ModuleNotFoundError, _no_module),
    (OSError, _system),
)
