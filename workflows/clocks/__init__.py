"""Statutory clocks: every due date as a record with its history, and the ladder of reminders and escalation."""

from __future__ import annotations

from workflows.clocks.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
