"""Measuring two sides in one run: slices of each in turn, so that what else the machine does falls on both."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from statistics import median
from typing import Final, TypeAlias, TypeVar

Act: TypeAlias = Callable[[], object]
"""What is timed."""

Work: TypeAlias = Iterator[Act]
"""Acts one after another; what stands between two of them in the generator is not timed."""

Side = TypeVar("Side", bound=Hashable)

_MS: Final = 1e-6


Clock: TypeAlias = Callable[[], int]
"""Nanoseconds of processor time that have been used."""


@dataclass(slots=True)
class Times:
    """Milliseconds of every act of one side: on the wall, and of processor time, of this process unless said."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    clock: Clock = time.process_time_ns

    def take(self, act: Act) -> None:
        """Do an act and note how long it took."""
        began, began_cpu = time.perf_counter_ns(), self.clock()
        act()
        ended, ended_cpu = time.perf_counter_ns(), self.clock()
        self.wall.append((ended - began) * _MS)
        self.cpu.append((ended_cpu - began_cpu) * _MS)

    @property
    def median(self) -> float:
        """The middle of the times on the wall."""
        return median(self.wall)

    @property
    def median_cpu(self) -> float:
        """The middle of the processor times."""
        return median(self.cpu)

    @property
    def quiet(self) -> float:
        """What the quickest tenth stays below: how long it takes when nobody else is at work just then."""
        return percentile(self.wall, 0.1)

    @property
    def p95(self) -> float:
        """What 95 of 100 stay below."""
        return percentile(self.wall, 0.95)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values stays."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def alternate(
    sides: Mapping[Side, Work],
    *,
    slice_of: int,
    warm_up: int = 0,
    around: Mapping[Side, Callable[[], AbstractContextManager[object]]] | None = None,
    tell: Callable[[int], None] | None = None,
) -> dict[Side, Times]:
    """Work all sides off, a slice of each in turn, until none has work left.

    Args:
        sides: The work of each side by name.
        slice_of: How many acts a side does before the next one has its turn.
        warm_up: How many acts of each side are done first and not counted.
        around: A context that a side's acts are done in: a profile.
        tell: Told how many acts were done since it was last told.
    """
    times = {name: Times() for name in sides}
    for work in sides.values():
        for _ in range(warm_up):
            act = next(work, None)
            if act is not None:
                act()
    waiting = dict(sides)
    while waiting:
        for name, work in list(waiting.items()):
            done = _slice(work, times[name], slice_of, (around or {}).get(name, nullcontext))
            if done < slice_of:
                del waiting[name]
            if tell is not None:
                tell(done)
    return times


def _slice(work: Work, times: Times, count: int, around: Callable[[], AbstractContextManager[object]]) -> int:
    done = 0
    while done < count:
        act = next(work, None)
        if act is None:
            break
        with around():
            times.take(act)
        done += 1
    return done
