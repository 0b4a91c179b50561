"""What is stuck, for administrators: see it, repair it, let it go on; and whether the workers live."""

from __future__ import annotations

from web.operations.views import blueprint

__all__ = ["blueprint"]
