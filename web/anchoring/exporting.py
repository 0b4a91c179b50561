"""Writes what an outsider needs to verify the history without us: its lines, the key, and how it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from engine import ProcessEngine, PublicKey

_GUIDE: Final = """\
How to verify this folder
=========================

anchor-*.txt   two lines each: canonical JSON in ASCII, and its Ed25519 signature in base64
*.pub          the public keys (PEM); `key` of an anchor is the beginning of the SHA-256 of the raw key
history.txt    one line for each line of the history, where it was exported: its hash, a blank, what was hashed

1. Signature of an anchor, with OpenSSL 3:
     head -n 1 anchor-X.txt | tr -d '\\n' > content; tail -n 1 anchor-X.txt | base64 -d > signature
     openssl pkeyutl -verify -pubin -inkey KEY.pub -rawin -in content -sigfile signature
2. Order of the anchors: `previous` of each is the SHA-256 of the first line (without its line feed) of the one before.
3. A chain: hash = SHA-256(hash of the line before, 32 bytes, zeros before the first line; then what was hashed, UTF-8).
   What was hashed is JSON: [instance, number, moment, actor, capacity, kind, element, details].
   A line from which something was taken (a person's name) keeps its hash, and does not fit it any more. Then a later
   line of that chain, of the kind values_erased, must say so: "lines" in its details gives for the number of the line
   the hash over what it reads now.
4. An anchor says [instance, lines, hash]: after that many lines the chain of that instance had that hash.

docs/audit.md of Saanphaen tells more, with a program that does all of it.
"""


def write_guide(folder: Path, keys: Sequence[PublicKey]) -> None:
    """Write how to verify, and the public keys."""
    (folder / "HOW-TO-VERIFY.txt").write_text(_GUIDE, "ascii")
    for key in keys:
        (folder / f"{key.id}.pub").write_bytes(key.pem)


def write_history(engine: ProcessEngine, path: Path, tell: Callable[[int, int], None]) -> int:
    """Write all lines of the history as they were hashed, in one state; return how many. Only the owner may read it."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    with path.open("wb") as file:
        return engine.export_history(file, tell)
