"""The access table: who gets which answer at which address."""

from __future__ import annotations

from web.access_table.table import ROUTES, routes_by_key
from web.access_table.terms import (
    ANONYMOUS,
    CLUSTER,
    ELSEWHERE,
    EVERYBODY,
    GUESTS,
    IN_OFFICE,
    NATION,
    NO_POSITION,
    PROVINCE,
    SEES,
    SIGNED_IN,
    Answer,
    Line,
    Route,
    Thing,
)

__all__ = [
    "ANONYMOUS",
    "CLUSTER",
    "ELSEWHERE",
    "EVERYBODY",
    "GUESTS",
    "IN_OFFICE",
    "NATION",
    "NO_POSITION",
    "PROVINCE",
    "ROUTES",
    "SEES",
    "SIGNED_IN",
    "Answer",
    "Line",
    "Route",
    "Thing",
    "routes_by_key",
]
