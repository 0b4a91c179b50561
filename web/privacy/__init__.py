"""Personal data: what is kept of whom and why, export and anonymisation of one person, what is over its time."""

from __future__ import annotations

from web.privacy.views import blueprint

__all__ = ["blueprint"]
