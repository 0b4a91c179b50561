"""The inbox and the task page."""

from __future__ import annotations

from web.tasks import draft_view  # noqa: F401  # it adds its page to the blueprint
from web.tasks.views import blueprint

__all__ = ["blueprint"]
