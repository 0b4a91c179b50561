"""Each database that a release left behind, on its own kind of server, as the test's own."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from tests.upgrades.build import RELEASES

VERSIONS = sorted(folder.name for folder in RELEASES.iterdir())


@dataclass(frozen=True)
class Released:
    """What a version left behind, on one kind of database; each name loaded anew into a database of its own."""

    folder: Path
    kind: str
    request: pytest.FixtureRequest

    @property
    def manifest(self) -> dict[str, Any]:
        """What stands there, and what must come of it."""
        told: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text("utf-8"))
        return told

    def load(self, name: str) -> str:
        """Load `waits` or `planning`; returns the url."""
        if self.kind == "sqlite":
            place: Path = self.request.getfixturevalue("tmp_path") / f"{name}.db"
            place.write_bytes(gzip.decompress((self.folder / f"{name}.db.gz").read_bytes()))
            return f"sqlite:///{place}"
        url: str = self.request.getfixturevalue("postgres").create_empty()
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain) as connection:
            connection.execute(gzip.decompress((self.folder / f"{name}.sql.gz").read_bytes()))
        return url


@pytest.fixture(params=VERSIONS)
def release(request: pytest.FixtureRequest) -> Path:
    """The folder of a released version."""
    return RELEASES / str(request.param)


@pytest.fixture(params=["sqlite", "postgresql"])
def released(request: pytest.FixtureRequest, release: Path) -> Released:
    """A released version on one kind of database."""
    return Released(release, str(request.param), request)
