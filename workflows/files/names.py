"""File names as they may be kept and sent: no path, no control signs, nothing that reads differently than it is."""

from __future__ import annotations

import unicodedata
from typing import Final

from workflows.files.kinds import FileKind

LONGEST: Final = 200
_NOT_IN_NAMES: Final = frozenset('<>:"|?*')
_DEVICES: Final = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{port}{number}" for port in ("COM", "LPT") for number in (*range(10), "¹", "²", "³")}
)
"""What Windows takes for a device, with any ending."""


def clean_name(name: str, kind: FileKind) -> str:
    """Return a file name without path, control signs, reversed writing and a false ending.

    Invisible signs go (Unicode's Cf: overrides of the direction of writing, joiners), names of Windows devices get a
    stroke before them, and what is too long is cut before its ending.
    """
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    base = "".join(char for char in base if char.isprintable() and char not in _NOT_IN_NAMES).rstrip(" .")
    stem = base
    for ending in kind.endings:
        if base.lower().endswith(ending):
            stem = base[: -len(ending)]
            break
    stem = stem.strip(" .") or "file"
    if stem.partition(".")[0].strip().upper() in _DEVICES:
        stem = f"_{stem}"
    return f"{stem[: LONGEST - len(kind.ending)].rstrip(' .')}{kind.ending}"
