"""Processes for administrators: deployed versions, their diagrams and runs, and new versions through the gate."""

from __future__ import annotations

from web.processes import choosing, deploying, runs, versions
from web.processes.blueprint import blueprint

__all__ = ["blueprint", "choosing", "deploying", "runs", "versions"]
