"""The measures by name, and one run over some of them on some stores."""

from __future__ import annotations

import cProfile
import importlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final, Self

from web.bench.rows import Row
from web.bench.run import Run, told
from web.bench.stores import Store, postgres_store, sqlite_store

MEASURES: Final = {
    "completion": "one completion among 200 waiting runs (W1): authority, chained history, outbox, listeners",
    "peer": "the same by plain SpiffWorkflow and an ORM, as a yardstick",
    "multi-instance": "one completion of a task that 76 and 760 units do at once (W2)",
    "growth": "one completion after 1 to 5,000 earlier steps of the same run",
    "timers": "10,000 runs wait, 500 are due: find and fire (W3); a look when nothing is due, of 10,000 and 1,000,000",
    "inbox": "every list, filter, search and second page over 100,000 open and 400,000 done tasks, over HTTP (p95)",
    "search": "words of Thai titles at 500,000 tasks, over HTTP (p95)",
    "http": "completions a second over HTTP: 2 web processes, 4 clients; beside a bare Flask application",
    "start": "process start, first answer of the pages, first use of a diagram",
    "storage": "bytes of a finished and of a waiting run",
    "memory": "resident memory of a web process and a worker; growth over 20,000 completions",
    "instances": "runs a second that go through by themselves: sequences, a fork, 300 at once, calls; in memory too",
    "validation": "reading and checking a diagram of 50, 500 and 5,000 elements",
    "feel": "conditions a second: of a diagram, with paths and ranges, with dates, over a list of 76",
    "decision": "decision tables a second: 20 rules over three inputs",
}
"""What is measured, in the order of a whole run; a row that bears the name alone is the figure that it is about."""

STORES: Final = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for."""

    names: Sequence[str]
    stores: Sequence[str] = STORES
    postgres: str | None = None
    quick: bool = False
    profile: bool = False


class Bench:
    """One run: the stores that there are, opened; then the measures one by one."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._open = ExitStack()
        self.stores: list[Store] = []
        self.profiles: list[tuple[str, str]] = []
        self.notes: list[str] = []

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            if "sqlite" in self._wish.stores:
                self.stores.append(opened.enter_context(sqlite_store()))
            if "postgresql" in self._wish.stores:
                server = opened.enter_context(postgres_store(self._wish.postgres))
                if server is not None:
                    self.stores.append(server)
            # A line of the log for each run would be measured too.
            told_by = logging.getLogger("engine")
            opened.callback(told_by.setLevel, told_by.level)
            told_by.setLevel(logging.ERROR)
            self._open = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def lacks_postgres(self) -> bool:
        """Tell whether PostgreSQL was asked for and this machine has none."""
        return "postgresql" in self._wish.stores and all(store.name != "postgresql" for store in self.stores)

    @property
    def steps(self) -> int:
        """How many measures on stores there are."""
        return len(self._wish.names) * len(self.stores)

    def rows(self, tell: Callable[[str], None]) -> Iterator[Row]:
        """Measure; `tell` hears which measure on which store begins."""
        for name in self._wish.names:
            measure = importlib.import_module(f"web.bench.{name.replace('-', '_')}").measure
            for store in self.stores:
                tell(f"{name} · {store.name}")
                profile = cProfile.Profile() if self._wish.profile else None
                run = Run(store, quick=self._wish.quick, profile=profile)
                yield from measure(run)
                self.notes += [note for note in run.notes if note not in self.notes]
                if profile is not None:
                    self.profiles.append((f"{name} · {store.name}", told(profile)))
