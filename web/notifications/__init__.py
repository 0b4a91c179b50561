"""What a person is told: the bell in the frame, and the list."""

from __future__ import annotations

from web.notifications.views import blueprint

__all__ = ["blueprint"]
