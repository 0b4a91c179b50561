"""Who may open what, for auditors and administrators: the access table as a page."""

from __future__ import annotations

from web.rights.views import blueprint

__all__ = ["blueprint"]
