"""Encryption of what must be read again but never stand in the database as it is: secrets of second factors."""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import Final

from web.composition import composition

_NONCE: Final = 12  # bytes


class SealBroken(Exception):
    """Expected text sealed by this installation for this purpose, but got something else, or the key has changed."""


class Sealer:
    """Seals text with AES-256-GCM under a key derived from an installation's secret."""

    def __init__(self, secret: str) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"saanphaen second factor")
        self._cipher = AESGCM(derived.derive(secret.encode()))

    def seal(self, text: str, *, purpose: str) -> str:
        """Return text that only `unseal` with the same purpose makes readable."""
        nonce = secrets.token_bytes(_NONCE)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), purpose.encode())).decode()

    def unseal(self, sealed: str, *, purpose: str) -> str:
        """Return sealed text.

        Raises:
            SealBroken: It was altered, sealed for another purpose, or under another key.
        """
        from cryptography.exceptions import InvalidTag

        try:
            raw = base64.urlsafe_b64decode(sealed.encode("ascii"))
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode()).decode()
        except (ValueError, binascii.Error, InvalidTag) as error:
            raise SealBroken("Expected text sealed here for this purpose, but got something else.") from error


def present_sealer() -> Sealer:
    """Return the sealer of this installation: under its own key, else under the one that signs the cookies."""
    settings = composition().settings
    return Sealer(settings.factor_key or settings.secret_key)
