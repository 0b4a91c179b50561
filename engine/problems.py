"""What the deploy gate found in a file: one problem each, told in words with its remedy; and the rules behind it."""

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


_FACT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Rule:
    """A check with its stable code; `message` and `remedy` are templates over the problem's facts."""

    code: str
    message: str
    remedy: str
    severity: Severity = Severity.ERROR

    def problem(
        self,
        *,
        element_id: str | None = None,
        file: str = "",
        line: int | None = None,
        **facts: object,
    ) -> Problem:
        """Return a problem of this rule; facts are shortened so that a hostile file cannot flood a report."""
        told = {name: _shortened(str(value)) for name, value in facts.items()}
        return Problem(
            self.code,
            self.message.format(**told),
            self.remedy.format(**told),
            element_id=element_id,
            file=file,
            line=line,
            severity=self.severity,
            facts=told,
        )


def _shortened(text: str) -> str:
    return text if len(text) <= _FACT_LENGTH else f"{text[:_FACT_LENGTH]}…"
