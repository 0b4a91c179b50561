"""What other rooms show beside a task and on its row: they register here, and the task page asks here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import Task
from web.task_forms import Option


@dataclass(frozen=True, slots=True)
class Panel:
    """A folded part of the task page: a template of the other room with what it needs."""

    id: str
    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    open: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What a task is about, in the words of its row: "แผนพัฒนาจังหวัดลำปาง" of "จังหวัดลำปาง"."""

    title: str
    unit: str = ""
    url: str = ""


PanelMaker = Callable[[Any, Task], Panel | None]
"""Gets the reading (services and session) and the task; answers None where it has nothing to say."""

SubjectFinder = Callable[[Any, Sequence[str]], Mapping[str, Subject]]
"""Gets the reading and business keys; answers those it knows."""

ReferenceFinder = Callable[[Any, Task], Sequence[Option]]
"""Gets the reading and the task; answers the records to choose from."""


@dataclass(slots=True)
class Panels:
    """The registrations of one application."""

    _panels: list[tuple[int, PanelMaker]] = field(default_factory=list)
    _subjects: list[SubjectFinder] = field(default_factory=list)
    _references: dict[str, ReferenceFinder] = field(default_factory=dict)

    def add_panel(self, maker: PanelMaker, *, order: int) -> None:
        """Show a panel beside every task for which the maker answers one; lower orders come first."""
        self._panels.append((order, maker))
        self._panels.sort(key=lambda entry: entry[0])

    def add_subjects(self, finder: SubjectFinder) -> None:
        """Name what business keys stand for."""
        self._subjects.append(finder)

    def add_reference(self, kind: str, finder: ReferenceFinder) -> None:
        """Offer records to form fields with `saanphaen.reference` of this kind."""
        self._references[kind] = finder

    def of(self, reading: Any, task: Task) -> list[Panel]:
        """Return the panels of a task."""
        made = (maker(reading, task) for _order, maker in self._panels)
        return [panel for panel in made if panel is not None]

    def subjects(self, reading: Any, keys: Sequence[str]) -> dict[str, Subject]:
        """Return what these business keys stand for; unknown ones are missing."""
        found: dict[str, Subject] = {}
        for finder in self._subjects:
            found.update(finder(reading, [key for key in keys if key not in found]))
        return found

    def references(self, reading: Any, task: Task, kind: str) -> Sequence[Option]:
        """Return the records of a kind that a field of this task may name."""
        finder = self._references.get(kind)
        return finder(reading, task) if finder else ()
