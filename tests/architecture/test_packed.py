"""What an installed package needs beside its code is packed with it."""

from __future__ import annotations

import fnmatch
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Read while developing only: the front end's sources, and where texts are collected from.
NOT_NEEDED = ("web/frontend/", "web/babel.cfg")


def test_every_file_of_the_packages_is_packed() -> None:
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    listed = subprocess.run(
        ["git", "ls-files", "-z", "engine", "workflows", "web", "migrations"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    files = [name for name in listed.split("\0") if name and not name.endswith(".py")]

    packed = setup["package-data"]["*"]
    missing = [
        name
        for name in files
        if not name.startswith(NOT_NEEDED) and not any(fnmatch.fnmatch(Path(name).name, pattern) for pattern in packed)
    ]

    assert missing == []
    assert setup["package-data"]["web"] == ["static/dist/*"]  # built, so that git does not know it
