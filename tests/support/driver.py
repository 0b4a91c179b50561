"""Drives an engine in tests: a settable clock, one line for what tests do often."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine import SYSTEM, Actor, EngineConfig, Instance, Ports, ProcessEngine, Task
from tests.support.bpmn import Builder, bundle
from tests.support.clock import ManualClock


@dataclass
class Driver:
    """An engine on one database, with its clock."""

    url: str
    clock: ManualClock = field(default_factory=ManualClock)
    ports: Ports = field(default_factory=Ports)
    config: EngineConfig = field(default_factory=EngineConfig)
    _engine: ProcessEngine | None = None

    @property
    def engine(self) -> ProcessEngine:
        """The engine, opened when first asked for."""
        if self._engine is None:
            self._engine = ProcessEngine.open(self.url, clock=self.clock, ports=self.ports, config=self.config)
        return self._engine

    def configure(self, **settings: Any) -> Driver:
        """Change settings (and open anew)."""
        self.config = replace(self.config, **settings)
        return self.restart()

    def plug(self, **ports: Any) -> Driver:
        """Change ports (and open anew)."""
        self.ports = replace(self.ports, **ports)
        return self.restart()

    def restart(self) -> Driver:
        """Forget everything that is only in memory."""
        self.close()
        return self

    def close(self) -> None:
        """Close the engine."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def deploy(self, *builders: Builder, **options: Any) -> Any:
        """Deploy processes, each in its own file."""
        files: dict[str, bytes] = {}
        for builder in builders:
            files |= builder.file()
        return self.engine.deploy(files, **options)

    def deploy_together(self, *builders: Builder) -> Any:
        """Deploy processes in one file."""
        return self.engine.deploy(bundle(*builders))

    def start(
        self, key: str, variables: Mapping[str, object] | None = None, business_key: str | None = None, **options: Any
    ) -> Instance:
        """Start a run."""
        return self.engine.start(key, variables, business_key, **options)

    def open(self, instance: Instance | str | None = None) -> list[str]:
        """Return the element ids of the open tasks, in the order of their creation."""
        return [task.element_id for task in self._tasks(instance)]

    def task(self, element: str, instance: Instance | str | None = None) -> Task:
        """Return the one open task of an element."""
        found = [task for task in self._tasks(instance) if task.element_id == element]
        assert len(found) == 1, f"{len(found)} open tasks of {element!r}, open are {self.open(instance)}"
        return found[0]

    def complete(
        self,
        element: str,
        variables: Mapping[str, object] | None = None,
        actor: Actor | str = SYSTEM,
        *,
        instance: Instance | str | None = None,
        **options: Any,
    ) -> Task:
        """Complete the one open task of an element."""
        return self.engine.complete(self.task(element, instance).id, variables, actor, **options)

    def state(self, instance: Instance | str) -> str:
        """Return the state of a run."""
        return str(self.engine.instance(_id(instance)).state)

    def variables(self, instance: Instance | str) -> dict[str, object]:
        """Return the variables of a run's process scope."""
        return dict(self.engine.variables(_id(instance)))

    def path(self, instance: Instance | str) -> list[str]:
        """Return the elements that a run entered, in order."""
        entries = self.engine.history(_id(instance), limit=100_000)
        return [str(entry.element_id) for entry in entries if entry.kind == "element_entered"]

    def kinds(self, instance: Instance | str) -> list[str]:
        """Return the kinds of a run's lines of history, without the path."""
        entries = self.engine.history(_id(instance), limit=100_000)
        return [entry.kind for entry in entries if entry.kind != "element_entered"]

    def pass_time(self, **duration: float) -> int:
        """Move the clock and run what is due."""
        self.clock.advance(**duration)
        return self.engine.run_due()

    def run_due_at(self, moment: dt.datetime | str) -> int:
        """Set the clock and run what is due."""
        self.clock.set(moment)
        return self.engine.run_due()

    def _tasks(self, instance: Instance | str | None) -> list[Task]:
        return self.engine.tasks(instance_id=None if instance is None else _id(instance), limit=1_000)


def _id(instance: Instance | str) -> str:
    return instance.id if isinstance(instance, Instance) else instance
