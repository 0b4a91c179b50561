"""Anchors of the audit trail: the heads of the chains that changed since the last one, hashed onto it and signed.

An anchor in a file is two lines: the signed bytes, canonical JSON in ASCII, and their Ed25519 signature in base64.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Final, Self

from engine.errors import InvalidArgument
from engine.seals import PublicKey, SigningKey

FORMAT: Final = "saanphaen-audit-anchor/1"
FIRST_FOLLOWS: Final = "0" * 64
"""What the first anchor follows."""

_HASH: Final = re.compile(r"[0-9a-f]{64}\Z")
_LARGEST: Final = 2**63 - 1
_FIELDS: Final = frozenset({"at", "chains", "complete", "format", "key", "previous", "sequence"})
_LINES: Final = 2


@dataclass(frozen=True, slots=True)
class ChainHead:
    """How long the chain of an instance was, and in which hash it ended."""

    instance_id: int
    lines: int
    head: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The chains that changed since the anchor before; `complete` when no more had changed at that moment."""

    sequence: int
    at: dt.datetime
    previous: str  # SHA-256 of the signed bytes of the anchor before
    key: str  # id of the key that signs
    chains: tuple[ChainHead, ...]
    complete: bool

    def encode(self) -> bytes:
        """Return the bytes that are signed."""
        content = {
            "at": moment_text(self.at),
            "chains": [[chain.instance_id, chain.lines, chain.head.hex()] for chain in self.chains],
            "complete": self.complete,
            "format": FORMAT,
            "key": self.key,
            "previous": self.previous,
            "sequence": self.sequence,
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Read signed bytes.

        Raises:
            InvalidArgument: They are no anchor.
        """
        try:
            found = json.loads(content)
            if not isinstance(found, dict) or found.keys() != _FIELDS or found["format"] != FORMAT:
                raise InvalidArgument(f"Expected an anchor in the form {FORMAT}, but it is something else.")
            anchor = cls(
                sequence=_number(found["sequence"]),
                at=dt.datetime.fromisoformat(found["at"]),
                previous=_hash(found["previous"]).hex(),
                key=str(found["key"]),
                chains=tuple(
                    ChainHead(_number(run), _number(lines), _hash(head)) for run, lines, head in found["chains"]
                ),
                complete=bool(found["complete"]),
            )
            if anchor.at.tzinfo is None or anchor.encode() != content:
                raise InvalidArgument("Expected an anchor in its canonical form, but it is written otherwise.")
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise InvalidArgument("Expected an anchor, but it cannot be read.") from error
        return anchor


@dataclass(frozen=True, slots=True)
class SignedAnchor:
    """An anchor with its signature, as it is kept and sent."""

    content: bytes
    signature: bytes

    @classmethod
    def sign(cls, anchor: Anchor, key: SigningKey) -> Self:
        """Sign an anchor."""
        content = anchor.encode()
        return cls(content, key.sign(content))

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Read the two lines of a file.

        Raises:
            InvalidArgument: They are something else.
        """
        lines = text.split(b"\n")
        if len(lines) > _LINES and not any(lines[_LINES:]):
            lines = lines[:_LINES]
        if len(lines) != _LINES:
            raise InvalidArgument("Expected the two lines of an anchor, but found something else.")
        try:
            signature = base64.b64decode(lines[1].removesuffix(b"\r"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidArgument("Expected a signature in base64, but it is something else.") from error
        return cls(lines[0].removesuffix(b"\r"), signature)

    @property
    def text(self) -> bytes:
        """The two lines of its file."""
        return self.content + b"\n" + base64.b64encode(self.signature) + b"\n"

    @property
    def hash(self) -> str:
        """What the next anchor follows."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def anchor(self) -> Anchor:
        """What it says.

        Raises:
            InvalidArgument: It says nothing that can be read.
        """
        return Anchor.decode(self.content)

    def is_signed_by(self, key: PublicKey) -> bool:
        """Tell whether a key signed these bytes."""
        return key.verifies(self.signature, self.content)


def moment_text(moment: dt.datetime) -> str:
    """Write a moment as chains and anchors do."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _number(value: Any) -> int:
    if type(value) is not int or not 0 < value <= _LARGEST:
        raise ValueError("no number of an anchor")
    return value


def _hash(value: Any) -> bytes:
    if not isinstance(value, str) or not _HASH.match(value):
        raise ValueError("no hash")
    return bytes.fromhex(value)
