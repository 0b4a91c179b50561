"""A plan at its draft: the cycle of two provinces and their cluster, in which Lampang has come as far as its draft."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.product import Product

CYCLE = "FY2571-NEW"
LAMPANG = f"{CYCLE}/TH-52"
LATER = "2026-03-11T02:00:00+00:00"  # Wednesday 09:00 in Bangkok, nine days after the circular


def prepare_drafting(empty: Path, folder: Path) -> Path:
    """Make the database once; tests copy it. Lampang drafts, and owes the cluster its input."""
    path = folder / "prepared.db"
    shutil.copyfile(empty, path)
    product = Product(f"sqlite:///{path}", folder)
    assert product.open_cycle(["NU1", "TH-51", "TH-52"]) == CYCLE
    product.act(LAMPANG, "work_plan", {"note": "แผนงาน", "questions": "ข้อมูล"})
    product.clock.advance(days=2)
    product.act(LAMPANG, "close_collection", {"comment": "ปิดรับตามกำหนด"})
    product.act(LAMPANG, "analysis", {"summary": "วิเคราะห์"})
    product.act(LAMPANG, "survey", {"respondents": 10, "summary": "สำรวจ"})
    product.close()
    return path


def open_drafting(prepared: Path, folder: Path) -> Product:
    """Open a copy of it for one test, with its data directory below the folder."""
    path = folder / "drafting.db"
    shutil.copyfile(prepared, path)
    return Product(f"sqlite:///{path}", folder / "data", morning=LATER)
