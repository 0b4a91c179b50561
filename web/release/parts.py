"""The parts this product is made of, read from the two locks: Python packages and packages of the front end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parents[2]
PYTHON_LOCK: Final = ROOT / "constraints.txt"
FRONT_END_LOCK: Final = ROOT / "web" / "frontend" / "package-lock.json"
PRODUCT: Final = "saanphaen"
SHIPPED_EXTRAS: Final = ("postgres",)
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s\\;]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Part:
    """One package at one version; `shipped` when an installation needs it, else it serves development only."""

    name: str
    version: str
    shipped: bool
    hashes: tuple[str, ...]
    licence: str | None = None  # as its own lock states it; Python's lock states none


def python_parts() -> list[Part]:
    """Return the packages of the Python lock, sorted by name."""
    needed = _needed_by_installations()
    text = PYTHON_LOCK.read_text("utf-8")
    pins = list(_PIN.finditer(text))
    ends = [pin.start() for pin in pins[1:]] + [len(text)]
    return [
        Part(
            name=pin["name"],
            version=pin["version"],
            shipped=canonicalize_name(pin["name"]) in needed,
            hashes=tuple(_HASH.findall(text[pin.end() : end])),
        )
        for pin, end in zip(pins, ends, strict=True)
    ]


def front_end_parts() -> list[Part]:
    """Return the packages of the front end's lock, sorted by name; builds of a tool for one machine each stand once."""
    packages = json.loads(FRONT_END_LOCK.read_text("utf-8"))["packages"]
    return [
        Part(
            name=path.rpartition("node_modules/")[2],
            version=package["version"],
            shipped=not package.get("dev", False),
            hashes=(package["integrity"],),
            licence=package.get("license"),
        )
        for path, package in packages.items()
        if path and not package.get("optional", False)
    ]


def _needed_by_installations() -> set[str]:
    """Follow what the product requires, with the driver of PostgreSQL, through the installed packages."""
    found: set[str] = set()
    open_: list[tuple[str, tuple[str, ...]]] = [(PRODUCT, ("", *SHIPPED_EXTRAS))]
    while open_:
        name, extras = open_.pop()
        for wanted in _requirements(name, extras):
            key = canonicalize_name(wanted.name)
            if key not in found or wanted.extras:
                found.add(key)
                open_.append((key, ("", *sorted(wanted.extras))))
    return found


def _requirements(name: str, extras: Iterable[str]) -> list[Requirement]:
    stated = [Requirement(text) for text in metadata.requires(name) or ()]
    return [one for one in stated if one.marker is None or any(one.marker.evaluate({"extra": e}) for e in extras)]
