"""A line of the result, and the bars of the project: what must be reached and what is the goal."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the product on one store, with that of the floor in the same run; ratio is value to floor."""

    name: str
    store: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None

    def as_json(self) -> dict[str, object]:
        """Return the six fields, figures to four digits that count."""
        return {name: _rounded(value) if isinstance(value, float) else value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure must reach and what is the goal; of the ratio to the floor, else of the value itself."""

    must: float
    goal: float
    of_ratio: bool = True
    higher_is_better: bool = False

    def measured(self, row: Row) -> float | None:
        """Return the number that the bar is about."""
        return row.ratio if self.of_ratio else row.value

    def reached(self, number: float) -> str:
        """Return `goal`, `must` or `short`."""
        for word, limit in (("goal", self.goal), ("must", self.must)):
            if number >= limit if self.higher_is_better else number <= limit:
                return word
        return "short"

    def share(self, number: float) -> float:
        """Return how much of what may be used is used: 1 stands exactly at what must be reached."""
        if self.higher_is_better:
            return self.must / number if number else float("inf")
        return number / self.must


def bar_of(row: Row) -> Bar | None:
    """Return the bar of a row, None where there is none: the figure is told all the same."""
    if row.name.endswith(("/cpu", "/quiet")):
        return None
    family = row.name.partition("/")[0] + "/*"
    keys = ((row.name, row.store), (row.name, ""), (family, ""))
    return next((_BARS[key] for key in keys if key in _BARS), None)


_BARS: Final = {
    ("completion", "sqlite"): Bar(5, 2.5),
    ("completion", "postgresql"): Bar(2.5, 1.5),
    ("multi-instance", "sqlite"): Bar(8, 3),
    ("multi-instance", "postgresql"): Bar(4, 2),
    ("multi-instance/760-to-76", ""): Bar(1.5, 1.1, of_ratio=False),
    ("growth/1000-to-1", ""): Bar(1.2, 1.05, of_ratio=False),
    ("timers", ""): Bar(4, 2),
    ("timers/idle-10000", ""): Bar(5, 2, of_ratio=False),
    ("timers/idle-1000000", ""): Bar(10, 3, of_ratio=False),
    ("inbox", ""): Bar(40, 20, of_ratio=False),
    ("search", ""): Bar(50, 15, of_ratio=False),
    ("inbox/*", ""): Bar(40, 20, of_ratio=False),
    ("search/*", ""): Bar(50, 15, of_ratio=False),
    ("http", ""): Bar(0.5, 0.8, higher_is_better=True),
    ("storage", ""): Bar(8_000, 5_000, of_ratio=False),
    ("memory", ""): Bar(160, 110, of_ratio=False),
    ("memory/growth", ""): Bar(10, 3, of_ratio=False),
}


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
