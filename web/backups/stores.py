"""What a backup asks of a kind of database: a dump in one state, the proof of it, and the way back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import Connection, inspect, text

from engine import AuditFinding, verify_chains_of
from web.backups.archive import Tell
from web.backups.manifest import AuditState

VERIFYING: Final = "Verifying the audit trail"
MOST_TOLD: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Dump:
    """A database as it was at one moment, in a file."""

    path: Path
    store: str
    store_version: str
    revision: str
    counts: Mapping[str, int]
    audit: AuditState
    findings: tuple[AuditFinding, ...]  # the first ones
    files: frozenset[str]  # SHA-256 of the uploaded files that it names


class Store(Protocol):
    """One kind of database, at one address."""

    name: str

    def dump(self, folder: Path, tell: Tell) -> Dump:
        """Write a dump into a folder, while others go on writing to the database.

        Raises:
            BackupRefused: There is no database of ours, or the programs for it are missing.
        """
        ...

    def prove(self, dump: Path, folder: Path, tell: Tell) -> AuditState:
        """Verify the audit trail inside a dump."""
        ...

    def target(self) -> AbstractContextManager[Target]:
        """Open the database as one to restore into.

        Raises:
            TargetInUse: Somebody uses it.
        """
        ...


class Target(Protocol):
    """A database to restore into."""

    @property
    def is_empty(self) -> bool:
        """Whether it has no table at all."""
        ...

    @property
    def is_ours(self) -> bool:
        """Whether it is a database of Saanphaen."""
        ...

    def load(self, dump: Path, *, counts: Mapping[str, int], audit: AuditState, tell: Tell) -> str:
        """Put the dump in the place of what is there, whole or not at all; return what became of the old one.

        Raises:
            BackupRefused: It does not come out as it went in; what was there before is there still.
        """
        ...


def counts_of(connection: Connection) -> dict[str, int]:
    """Count the rows of every table."""
    quoted = connection.dialect.identifier_preparer.quote
    tables = sorted(inspect(connection).get_table_names())
    return {
        name: int(connection.execute(text(f"SELECT count(*) FROM {quoted(name)}")).scalar_one())  # noqa: S608 (a table)
        for name in tables
    }


def revision_of(connection: Connection) -> str | None:
    """Name the revision of a database of ours; None for any other."""
    tables = set(inspect(connection).get_table_names())
    if not {"alembic_version", "bpm_history", "bpm_process_instance"} <= tables:
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def proof(connection: Connection, tell: Tell) -> tuple[AuditState, tuple[AuditFinding, ...]]:
    """Verify all chains as this connection sees them."""
    found: list[AuditFinding] = []
    broken = 0

    def note(finding: AuditFinding) -> None:
        nonlocal broken
        broken += 1
        if broken <= MOST_TOLD:
            found.append(finding)

    seen = verify_chains_of(connection, found=note, progress=lambda done, total: tell(VERIFYING, done, total))
    state = AuditState(chains=seen.chains, lines=seen.lines, heads=seen.heads, verified=broken == 0)
    return state, tuple(found)


def named_files(connection: Connection) -> frozenset[str]:
    """Return the hashes of all uploaded files that the database names."""
    if "plan_file" not in inspect(connection).get_table_names():
        return frozenset()
    return frozenset(connection.execute(text("SELECT DISTINCT sha256 FROM plan_file")).scalars())


def sha256_of(path: Path) -> str:
    """Hash a file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
