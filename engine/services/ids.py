"""Ids as the door shows them (text) and as the tables hold them (numbers)."""

from __future__ import annotations

from engine.errors import NotFound

_LARGEST = 2**63 - 1


def number(text: str | int, missing: type[NotFound]) -> int:
    """Read an id; what is no id at all is simply not found.

    Raises:
        NotFound: Of the class `missing`.
    """
    if isinstance(text, int):
        return text
    if text.isascii() and text.isdigit() and int(text) <= _LARGEST:
        return int(text)
    raise missing(id=text)
