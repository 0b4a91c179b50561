"""One run of the bench: what each measure gets, and the profile of the product's side where it is asked for."""

from __future__ import annotations

import cProfile
import io
import pstats
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar

from web.bench.rows import Row
from web.bench.stores import Store

SHOWN: Final = 25

T = TypeVar("T")


@dataclass(slots=True)
class Run:
    """What a measure works with: a store, the size, and somebody to tell how far it has come."""

    store: Store
    quick: bool = False
    tell: Callable[[str], None] = lambda _words: None
    profile: cProfile.Profile | None = None
    notes: list[str] = field(default_factory=list)

    def size(self, full: T, quick: T) -> T:
        """Return the full size, or that of a quick run."""
        return quick if self.quick else full

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """Make a database that is gone afterwards."""
        url = self.store.database(empty=empty)
        try:
            yield url
        finally:
            self.store.drop(url)

    def profiled(self) -> AbstractContextManager[object]:
        """Note where the time goes, when a profile is asked for."""
        return _profiling(self.profile)

    def row(self, name: str, value: float, floor: float | None = None, unit: str = "ms") -> Row:
        """Return a row of this store."""
        ratio = value / floor if floor else None
        return Row(name, self.store.name, value, unit, floor, ratio)


@contextmanager
def _profiling(profile: cProfile.Profile | None) -> Iterator[None]:
    if profile is None:
        yield
        return
    profile.enable()
    try:
        yield
    finally:
        profile.disable()


def told(profile: cProfile.Profile) -> str:
    """Return the functions that took the most time by themselves."""
    text = io.StringIO()
    pstats.Stats(profile, stream=text).strip_dirs().sort_stats("tottime").print_stats(SHOWN)
    return text.getvalue()
