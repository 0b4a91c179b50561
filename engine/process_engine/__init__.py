"""The engine, wired once with its settings and ports."""

from __future__ import annotations

from engine.process_engine.core import ProcessEngine

__all__ = ["ProcessEngine"]
