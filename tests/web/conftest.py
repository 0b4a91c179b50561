"""An office on a database of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.web import Office


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Office]:
    """The pages do not touch the database but through engine and models, which are tested on both kinds."""
    office = Office(sqlite_url)
    yield office
    office.close()
