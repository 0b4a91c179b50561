"""The oracle: reads the product's own database after the faults, and counts what must never be.

`examine` works on what browsers were told (acknowledgements) and on what the database holds: rows, stored state and
the audit trail. It uses plain SQL and the interpreter's stored state, never the code that wrote them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from sqlalchemy import Connection, text

from engine import ProcessEngine
from tests.support.soundness import CHECKS

_MOST_TOLD = 5


@dataclass(slots=True)
class Verdict:
    """How often each thing was found that must never be."""

    acknowledged_but_lost: int = 0
    acknowledged_twice: int = 0
    two_audit_rows: int = 0
    done_without_audit: int = 0
    audit_without_done: int = 0
    state_against_rows: int = 0
    stuck: int = 0
    broken_chains: int = 0
    unexpected_incidents: int = 0
    details: list[str] = field(default_factory=list)

    @property
    def counters(self) -> dict[str, int]:
        """The counters by name."""
        return {name: count for name, count in asdict(self).items() if name != "details"}

    @property
    def violations(self) -> int:
        """How much was found in all."""
        return sum(self.counters.values())

    def faults(self) -> list[str]:
        """Say what was found, in words."""
        found = [f"{name.replace('_', ' ')}: {count}" for name, count in self.counters.items() if count]
        return [*found, *self.details[:_MOST_TOLD]] if found else []


def examine(engine: ProcessEngine, acknowledged: Iterable[str], *, incidents_expected: bool = False) -> Verdict:
    """Let the engine come to rest, then count.

    Args:
        engine: An engine on the database, with a process of its own; nobody else may work on it now.
        acknowledged: The ids of completed tasks, one for each submission that was answered as done.
        incidents_expected: Whether the plan itself makes processes fail.
    """
    _settle(engine)
    verdict = Verdict()
    with engine.reading() as read:
        connection = read.session.connection()
        _compare_with_what_people_were_told(connection, Counter(acknowledged), verdict)
        _find_stuck(connection, verdict)
        for name, check in CHECKS.items():
            try:
                check(read, connection)
            except Exception as error:  # noqa: BLE001 - a state that contradicts itself makes it do anything
                verdict.state_against_rows += 1
                verdict.details.append(f"{name}: {type(error).__name__}: {error}"[:600])
        if not incidents_expected:
            rows = connection.execute(text("SELECT code, message FROM bpm_incident WHERE state = 'open'")).all()
            verdict.unexpected_incidents = len(rows)
            verdict.details += [f"incident {row.code}: {row.message}" for row in rows]
    report = engine.verify_audit()
    verdict.broken_chains = len(report.findings)
    verdict.details += [f"chain {found.instance_id}, line {found.seq}: {found.reason}" for found in report.findings]
    return verdict


def _settle(engine: ProcessEngine) -> None:
    """Do what was left over: after this nothing that is due may remain."""
    for _ in range(3):
        if engine.run_due() == 0:
            return


def _compare_with_what_people_were_told(connection: Connection, told: Counter[str], verdict: Verdict) -> None:
    states = {str(row.id): row.state for row in connection.execute(text("SELECT id, state FROM bpm_task"))}
    audited: Counter[str] = Counter()
    for (details,) in connection.execute(text("SELECT details FROM bpm_history WHERE kind = 'task_completed'")):
        audited[str(json.loads(details)["task"])] += 1
    done = {task for task, state in states.items() if state == "completed"}
    groups = {
        "acknowledged_but_lost": {task for task in told if task not in done or task not in audited},
        "acknowledged_twice": {task for task, times in told.items() if times > 1},
        "two_audit_rows": {task for task, times in audited.items() if times > 1},
        "done_without_audit": done - audited.keys(),
        "audit_without_done": audited.keys() - done,
    }
    for name, tasks in groups.items():
        setattr(verdict, name, len(tasks))
        if tasks:
            verdict.details.append(f"{name}: tasks {sorted(tasks)[:_MOST_TOLD]}")


def _find_stuck(connection: Connection, verdict: Verdict) -> None:
    """A run that is active waits for a person, a moment, work, a message, a child, or for its repair."""
    waits = (
        "SELECT instance_id FROM bpm_task WHERE state IN ('created', 'assigned')",
        "SELECT instance_id FROM bpm_job WHERE state IN ('waiting', 'locked', 'failed') AND instance_id IS NOT NULL",
        "SELECT instance_id FROM bpm_subscription WHERE instance_id IS NOT NULL",
        "SELECT parent_id FROM bpm_process_instance WHERE state IN ('active', 'suspended') AND parent_id IS NOT NULL",
        "SELECT instance_id FROM bpm_incident WHERE state = 'open' AND instance_id IS NOT NULL",
    )
    idle = f"SELECT id FROM bpm_process_instance WHERE state = 'active' AND id NOT IN ({' UNION '.join(waits)})"
    now = "CURRENT_TIMESTAMP" if connection.dialect.name == "postgresql" else "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    late = (
        f"SELECT id, kind FROM bpm_job WHERE state = 'waiting' AND NOT held AND kind <> 'external' AND due_at < {now}"
    )
    for what, statement in (("idle run", idle), ("job that nobody runs", late)):
        found = connection.execute(text(statement)).all()
        verdict.stuck += len(found)
        if found:
            verdict.details.append(f"{what}: {[tuple(row) for row in found[:_MOST_TOLD]]}")
