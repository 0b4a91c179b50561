"""An office on a database of the test's own; and the whole product with the plan of Lampang at its draft."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.drafting import open_drafting, prepare_drafting
from tests.support.product import Product
from tests.support.web import Browser, Office


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Office]:
    """The pages do not touch the database but through engine and models, which are tested on both kinds."""
    office = Office(sqlite_url)
    yield office
    office.close()


@pytest.fixture(scope="session")
def drafting_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which Lampang drafts its plan."""
    return prepare_drafting(sqlite_template, tmp_path_factory.mktemp("drafting"))


@pytest.fixture
def drafting(drafting_template: Path, tmp_path: Path) -> Iterator[Product]:
    """A copy of it for one test."""
    product = open_drafting(drafting_template, tmp_path)
    yield product
    product.close()


@pytest.fixture
def admin(office: Office) -> Browser:
    """The administrator's browser."""
    return office.browser("admin")
