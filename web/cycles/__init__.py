"""Planning cycles: the list, the board of a cycle, its calendar and re-issues, opening a cycle."""

from __future__ import annotations

from web.cycles import opening, reissue  # noqa: F401  # they add their pages to the blueprint
from web.cycles.views import blueprint

__all__ = ["blueprint"]
