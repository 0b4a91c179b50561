"""Real years on their real calendar, played through the same services that the pages use."""

from __future__ import annotations

from workflows.replay.fy2570 import replay
from workflows.replay.report import ReplayResult, StepLine

__all__ = ["ReplayResult", "StepLine", "replay"]
