"""Ed25519 keys: one signs the anchors of the audit trail and stays outside the database, the other one may be shown."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from engine.errors import InvalidArgument

_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What an outsider needs to check a signature."""

    id: str  # the first 16 hexadecimal digits of the SHA-256 of the raw key
    _key: Ed25519PublicKey

    @classmethod
    def of(cls, key: Ed25519PublicKey) -> Self:
        """Return a key with its id."""
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return cls(hashlib.sha256(raw).hexdigest()[:16], key)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a PEM file.

        Raises:
            InvalidArgument: It holds no public Ed25519 key.
            OSError: It cannot be read.
        """
        try:
            key = load_pem_public_key(path.read_bytes())
        except ValueError as error:
            raise InvalidArgument(f"Expected a public key in {path}, but there is none.") from error
        if not isinstance(key, Ed25519PublicKey):
            raise InvalidArgument(f"Expected a key of the kind Ed25519 in {path}, but it is another kind.")
        return cls.of(key)

    @property
    def pem(self) -> bytes:
        """The key as it stands in a file."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def verifies(self, signature: bytes, content: bytes) -> bool:
        """Tell whether this key's private half has signed the content."""
        try:
            self._key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What signs; whoever can read its file can forge anchors."""

    _key: Ed25519PrivateKey

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a key in a new file that only its owner may read.

        Raises:
            FileExistsError: There is a file already: a key is never overwritten.
        """
        key = Ed25519PrivateKey.generate()
        content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return cls(key)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a PEM file.

        Raises:
            InvalidArgument: It holds no private Ed25519 key.
            OSError: It cannot be read.
        """
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError) as error:
            raise InvalidArgument(f"Expected a private key in {path}, but there is none.") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise InvalidArgument(f"Expected a key of the kind Ed25519 in {path}, but it is another kind.")
        return cls(key)

    @property
    def public(self) -> PublicKey:
        """The half that may be shown."""
        return PublicKey.of(self._key.public_key())

    @property
    def id(self) -> str:
        """The same for both halves."""
        return self.public.id

    def sign(self, content: bytes) -> bytes:
        """Sign: 64 bytes."""
        return self._key.sign(content)
