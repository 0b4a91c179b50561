"""What the deploy gate found in a file: one problem each, told in words and with its remedy."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """An error refuses the deployment; a warning is shown and recorded with it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding; `rule` is the stable code by which hosts translate `message` and `remedy` with `facts`."""

    rule: str
    message: str
    remedy: str
    element_id: str | None = None
    file: str = ""
    line: int | None = None
    severity: Severity = Severity.ERROR
    facts: dict[str, str] = field(default_factory=dict)
