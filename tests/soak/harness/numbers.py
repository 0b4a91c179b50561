"""Figures for tables: quantiles, and lines of plain SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from engine import open_database


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of them lies; 0.0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def rows(url: str, statement: str, **values: object) -> list[Any]:
    """Ask the product's own database in plain SQL, on a connection of one's own."""
    engine = open_database(url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(statement), values).all())
    finally:
        engine.dispose()
