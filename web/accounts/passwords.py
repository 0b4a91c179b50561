"""Password hashes: argon2id, tuned to cost an attacker memory and an official a twentieth of a second."""

from __future__ import annotations

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 200
_HASHER = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
# Verified when there is no such account, so that the answer takes as long as for one that exists.
_NOBODY = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Return the hash to store.

    Raises:
        ValueError: The password is shorter or longer than allowed.
    """
    if len(password) < MIN_LENGTH:
        raise ValueError(f"Expected a password of at least {MIN_LENGTH} characters, but it has {len(password)}.")
    if len(password) > MAX_LENGTH:
        raise ValueError(f"Expected a password of at most {MAX_LENGTH} characters, but it has {len(password)}.")
    return _HASHER.hash(password)


def hash_code(code: str) -> str:
    """Return the hash of a recovery code, made as slowly as that of a password."""
    return _HASHER.hash(code)


def is_password(stored: str | None, password: str) -> bool:
    """Tell whether this is the password or code; takes the same time when there is none."""
    try:
        _HASHER.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


def is_outdated(stored: str) -> bool:
    """Tell whether a hash was made with other costs than today's: it would take another time, and so tell it exists."""
    return _HASHER.check_needs_rehash(stored)
