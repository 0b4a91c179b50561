"""The manifest of a backup: what is in it, of which version, and what must come out again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from web.backups.errors import NoBackup

FORMAT: Final = "saanphaen-backup/1"
NAME: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside a backup."""

    name: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditState:
    """The audit trail at the moment of the backup; `heads` is one hash over the heads of all chains."""

    chains: int
    lines: int
    heads: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds; two databases with equal counts and heads tell the same history."""

    made_at: str  # ISO 8601, UTC
    product: str  # version
    store: str  # sqlite or postgresql
    store_version: str
    revision: str  # of the database
    audit: AuditState
    counts: Mapping[str, int]  # rows by table
    members: tuple[Member, ...]
    missing: tuple[str, ...] = ()  # files that the database names and the data folder does not have
    format: str = field(default=FORMAT)

    def encode(self) -> bytes:
        """Return the manifest as it stands in the file."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True).encode()

    @classmethod
    def decode(cls, content: bytes) -> Manifest:
        """Read a manifest.

        Raises:
            NoBackup: It is none of ours.
        """
        try:
            found: dict[str, Any] = json.loads(content)
            if found.get("format") != FORMAT:
                raise NoBackup(f"Expected a backup in the form {FORMAT}, but it says {found.get('format')!r}.")
            return cls(
                made_at=str(found["made_at"]),
                product=str(found["product"]),
                store=str(found["store"]),
                store_version=str(found["store_version"]),
                revision=str(found["revision"]),
                audit=AuditState(**found["audit"]),
                counts={str(name): int(rows) for name, rows in found["counts"].items()},
                members=tuple(
                    Member(name=str(one["name"]), size=int(one["size"]), sha256=str(one["sha256"]))
                    for one in found["members"]
                ),
                missing=tuple(str(name) for name in found["missing"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NoBackup("Expected the manifest of a backup, but it cannot be read.") from error
