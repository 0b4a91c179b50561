"""The inbox and the task page."""

from __future__ import annotations

from web.tasks.views import blueprint

__all__ = ["blueprint"]
