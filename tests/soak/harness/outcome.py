"""What a reliability plan found: how much it did, its figure, and what does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Tell = Callable[[float, float], None]  # how much is done, of how much


def silent(_done: float, _total: float) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Outcome:
    """The result of one run of one plan; no faults, no problem."""

    size: str
    figure: str
    faults: list[str] = field(default_factory=list)

    def expect(self, holds: bool, otherwise: str) -> None:
        """Note a fault unless something holds."""
        if not holds:
            self.faults.append(otherwise)

    def note(self, found: Iterable[str]) -> None:
        """Note faults that were found elsewhere."""
        self.faults.extend(found)

    @property
    def holds(self) -> bool:
        """Whether everything held."""
        return not self.faults
