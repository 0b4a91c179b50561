"""A BPMN engine for any organisation; this file is its one door."""

from __future__ import annotations

from engine.store.base import Base, UtcDateTime
from engine.store.database import open_database
from engine.store.schema import current_revision, downgrade, head_revision, upgrade

__all__ = [
    "Base",
    "UtcDateTime",
    "current_revision",
    "downgrade",
    "head_revision",
    "open_database",
    "upgrade",
]
