"""Versions of decisions: a new one of each whose files differ from its newest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from engine import codec
from engine.decisions import DecisionFiles
from engine.execution.rows import AnyRow
from engine.execution.transaction import Transaction
from engine.store import DecisionRow, ResourceRow
from engine.views import DecisionDefinition

_D: Final = DecisionRow.__table__.c
_NEWEST: Final = select(DecisionRow.__table__).where(_D.key == bindparam("key")).order_by(_D.version.desc()).limit(1)
_DEFINE: Final = insert(DecisionRow).returning(DecisionRow.__table__)
_KEEP: Final = {
    "sqlite": sqlite.insert(ResourceRow).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(ResourceRow).on_conflict_do_nothing(),
}


def define_decisions(
    tx: Transaction, deployment_id: int, files: Mapping[str, bytes], read: DecisionFiles, version_tag: str | None
) -> list[tuple[DecisionDefinition, bool]]:
    """Make the decisions of a bundle's files known; each is returned with whether this is a new version of it."""
    found = []
    for file in read.files.values():
        names = sorted({file.file, *(other.file for other in file.imported())})
        hashes = {name: hashlib.sha256(files[name]).hexdigest() for name in names}
        for name, sha256 in hashes.items():
            keep_content(tx, sha256, files[name])
        text = codec.dumps_canonical(hashes).decode()
        for element in file.own():
            newest = tx.connection.execute(_NEWEST, {"key": element.id}).first()
            if newest is not None and newest.files == text:
                found.append((_view(newest), False))
                continue
            row = {
                "deployment_id": deployment_id,
                "key": element.id,
                # Two at once would choose the same number: one is refused by the database and tries again.
                "version": (newest.version if newest is not None else 0) + 1,
                "version_tag": version_tag or element.version_tag,
                "name": element.name,
                "file": file.file,
                "files": text,
                "deployed_at": tx.now,
            }
            found.append((_view(tx.connection.execute(_DEFINE, row).one()), True))
    return found


def deployed_decisions(tx: Transaction) -> frozenset[str]:
    """Return the ids of all decisions that are deployed."""
    return frozenset(tx.connection.execute(select(_D.key).distinct()).scalars())


def keep_content(tx: Transaction, sha256: str, content: bytes) -> None:
    """Keep a file under its hash, once."""
    tx.connection.execute(_KEEP[tx.connection.dialect.name], {"sha256": sha256, "content": content})


def _view(row: AnyRow) -> DecisionDefinition:
    return DecisionDefinition(
        id=row.id,
        key=row.key,
        version=row.version,
        version_tag=row.version_tag,
        name=row.name,
        file=row.file,
        deployed_at=row.deployed_at,
    )
