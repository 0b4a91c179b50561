"""An office on a database of the test's own; and the whole product with the plan of Lampang at its draft."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.product import Product
from tests.support.web import Office

CYCLE = "FY2571-NEW"
LAMPANG = f"{CYCLE}/TH-52"


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Office]:
    """The pages do not touch the database but through engine and models, which are tested on both kinds."""
    office = Office(sqlite_url)
    yield office
    office.close()


@pytest.fixture(scope="session")
def drafting_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a cycle of NU1 in which Lampang drafts its plan and owes the cluster its input."""
    folder = tmp_path_factory.mktemp("drafting")
    path = folder / "prepared.db"
    shutil.copyfile(sqlite_template, path)
    product = Product(f"sqlite:///{path}", folder)
    assert product.open_cycle(["NU1", "TH-51", "TH-52"]) == CYCLE
    product.act(LAMPANG, "work_plan", {"note": "แผนงาน", "questions": "ข้อมูล"})
    product.clock.advance(days=2)
    product.act(LAMPANG, "close_collection", {"comment": "ปิดรับตามกำหนด"})
    product.act(LAMPANG, "analysis", {"summary": "วิเคราะห์"})
    product.act(LAMPANG, "survey", {"respondents": 10, "summary": "สำรวจ"})
    product.close()
    return path


@pytest.fixture
def drafting(drafting_template: Path, tmp_path: Path) -> Iterator[Product]:
    """A copy of it for one test; Wednesday morning of the week after next."""
    path = tmp_path / "test.db"
    shutil.copyfile(drafting_template, path)
    product = Product(f"sqlite:///{path}", tmp_path / "data", morning="2026-03-11T02:00:00+00:00")
    yield product
    product.close()
