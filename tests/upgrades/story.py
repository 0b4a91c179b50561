"""What stands in the database that a release leaves behind, and the acts that bring all of it to its end.

The acts are plain data: a fixture keeps those of its own version, so that a later version does what the older one did.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from engine import HandlerContext, Ports, ProcessEngine
from engine.codec import from_json, to_json
from tests.support.clock import ManualClock
from tests.upgrades.diagrams import diagrams, versions

Act = dict[str, Any]
BEGINS: Final = "2026-01-05T02:00:00+00:00"
EXACT: Final[Mapping[str, object]] = {
    "budget": Decimal("1234567890.10"),
    "due": dt.date(2027, 9, 30),
    "at": dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC),
    "time": dt.time(9, 30),
    "span": dt.timedelta(days=2, seconds=1),
    "large": 10**25,
    "float": 0.1,
    "no": False,
    "zero": 0,
    "nothing": None,
    "ชื่อ": "แผนพัฒนาจังหวัดลำปาง",
    "list": [1, "สอง", {"$decimal": "no tag"}],
}


class Printer:
    """The host's work in the story: it fails until it is mended."""

    broken = True

    def __call__(self, _context: HandlerContext) -> dict[str, object]:
        """Print."""
        if self.broken:
            raise RuntimeError("printer on fire")
        return {"printed": True}


class Stage:
    """An engine on one database with the story's clock and printer."""

    def __init__(self, url: str, moment: str = BEGINS) -> None:
        self.clock = ManualClock(moment)
        self.printer = Printer()
        self.engine = ProcessEngine.open(url, clock=self.clock, ports=Ports(handlers={"print": self.printer}))

    def close(self) -> None:
        """Give the database back."""
        self.engine.close()

    def perform(self, act: Act, runs: dict[str, str]) -> None:
        """Do one act of the story; a run that it starts is added to the runs."""
        if act["do"] == "start":
            runs[act["run"]] = self.engine.start(act["process"], act["variables"]).id
            return
        getattr(self, f"_{act['do']}")({**act, "instance": runs.get(act.get("run", ""))})

    def told(self, runs: Mapping[str, str]) -> dict[str, Any]:
        """Tell what stands where: state, open tasks, waits, variables and path of every run."""
        told = {name: self._told(instance) for name, instance in runs.items()}
        plain: dict[str, Any] = json.loads(json.dumps(told))  # as a manifest gives it back
        return plain

    def whole(self) -> dict[str, Any]:
        """Tell counts over everything: runs by process and state, and whether the audit trail holds."""
        found: dict[str, int] = {}
        for instance in self.engine.instances(limit=1_000):
            name = f"{instance.process_id} {instance.state}"
            found[name] = found.get(name, 0) + 1
        report = self.engine.verify_audit()
        return {"runs": dict(sorted(found.items())), "entries": report.entries, "verified": report.verified}

    def _told(self, instance_id: str) -> dict[str, Any]:
        instance = self.engine.instance(instance_id)
        history = self.engine.history(instance_id, limit=10_000)
        tasks = self.engine.tasks(instance_id=instance_id, limit=1_000)
        return {
            "process": instance.process_id,
            "version": instance.version,
            "state": str(instance.state),
            "has_incident": instance.has_incident,
            "tasks": [[task.element_id, task.assignee, str(task.due_at), task.priority] for task in tasks],
            "tokens": sorted([token.element_id, token.kind] for token in self.engine.tokens(instance_id)),
            "variables": to_json(dict(instance.variables)),
            "path": [entry.element_id for entry in history if entry.kind == "element_entered"],
        }

    def _pass(self, act: Act) -> None:
        for _ in range(int(act["days"] * 2)):
            self.clock.advance(hours=12)
            self.engine.run_due()

    def _complete(self, act: Act) -> None:
        found = self.engine.tasks(instance_id=act["instance"], process_id=act.get("process"), element_id=act["element"])
        task = found[act.get("which", 0)]
        self.engine.complete(task.id, from_json(act.get("variables", {})), act.get("actor", "system"))

    def _claim(self, act: Act) -> None:
        (task,) = self.engine.tasks(instance_id=act["instance"], element_id=act["element"])
        self.engine.claim(task.id, act["actor"])

    def _correlate(self, act: Act) -> None:
        self.engine.correlate(act["name"], act["key"], act.get("variables"))

    def _keep(self, act: Act) -> None:
        self.engine.correlate(act["name"], act["key"], act.get("variables"), time_to_live=dt.timedelta(days=60))

    def _broadcast(self, act: Act) -> None:
        self.engine.broadcast(act["name"])

    def _suspend(self, act: Act) -> None:
        self.engine.suspend(act["instance"], reason="ตรวจสอบ")

    def _resume(self, act: Act) -> None:
        self.engine.resume(act["instance"])
        self.engine.run_due()

    def _cancel(self, act: Act) -> None:
        self.engine.cancel(act["instance"], reason="ยกเลิก")

    def _set(self, act: Act) -> None:
        self.engine.set_variables(act["instance"], act["variables"])

    def _mend(self, act: Act) -> None:
        self.printer.broken = False
        for incident in self.engine.incidents(process_id=act["process"]):
            self.engine.retry_incident(incident.id)
        self.engine.run_due()

    def _fetch(self, act: Act) -> None:
        assert self.engine.fetch_jobs(act["type"], worker=act["worker"], lock=dt.timedelta(days=30))

    def _finish(self, act: Act) -> None:
        (job,) = self.engine.fetch_jobs(act["type"], worker=act["worker"]) or [None]
        assert job is not None
        self.engine.finish_job(job.id, act.get("variables"), worker=act["worker"])

    def _hand_in(self, act: Act) -> None:
        self.engine.finish_job(act["job"], act.get("variables"), worker=act["worker"])


def begin(stage: Stage) -> tuple[dict[str, str], int]:
    """Bring everything to where the release leaves it; returns the runs by name and the job that a worker holds."""
    engine = stage.engine
    for diagram in diagrams():
        engine.deploy(diagram.file())
    runs: dict[str, str] = {}
    for name, process_id, variables in _STARTS:
        runs[name] = engine.start(process_id, variables, f"key:{name}").id
    engine.deploy(versions(2).file())
    runs["newer version"] = engine.start("versions").id
    for act in _BEFORE:
        stage.perform(act, runs)
    runs["again"] = engine.start("again").id  # its work has failed just now
    (job,) = engine.fetch_jobs("shipping", worker="van", lock=dt.timedelta(days=30))
    return runs, job.id


def acts(job: int) -> list[Act]:
    """Return what brings everything to its end, after `begin`."""
    return [*_AFTER, {"do": "hand_in", "job": job, "worker": "van", "variables": {"number": "TH-1"}}, *_LAST]


_NUMBER: Final = {"number": "1/2569"}
_STARTS: Final[list[tuple[str, str, dict[str, object]]]] = [
    ("desk", "desk", {"who": "planner", "title": "แผน", "noted": None}),
    ("timers", "timers", {"patience": "P30D"}),
    ("impatient", "timers", {"patience": "P6D"}),
    ("messages", "messages", _NUMBER),
    ("signals", "signals", {}),
    ("race", "race", {"number": "a"}),
    ("race lost", "race", {"number": "b"}),
    ("many", "many", {"people": ["กก", "ขข", "คค", "งง"]}),
    ("wide", "many", {"people": [f"p{n}" for n in range(120)]}),
    ("row", "row", {"items": list(range(1, 251))}),
    ("caller", "caller", {"units": ["TH-50", "TH-51", "TH-52"]}),
    ("nested", "nested", {"number": "n", "alarms": 0}),
    ("stopped", "nested", {"number": "s", "alarms": 0}),
    ("parallel", "parallel", {}),
    ("inclusive", "inclusive", {"n": 2}),
    ("stuck", "stuck", {}),
    ("failing", "failing", {}),
    ("held", "held", {}),
    ("external", "external", {}),
    ("kept", "kept", dict(EXACT)),
    ("older version", "versions", {}),
    ("ended", "short", {}),
    ("cancelled", "short", {}),
]
_BEFORE: Final[list[Act]] = [
    {"do": "claim", "run": "desk", "element": "draft", "actor": "somchai"},
    {"do": "complete", "run": "many", "element": "review", "which": 1, "variables": {"answer": "สอง"}},
    {"do": "complete", "run": "wide", "element": "review", "which": 0, "variables": {"answer": 0}},
    {"do": "complete", "run": "row", "element": "turn"},
    {"do": "complete", "process": "called", "element": "answer_for", "variables": {"answer": 50}},
    {"do": "correlate", "name": "letter", "key": "1/2569", "variables": {"letter": "มาถึง"}},
    {"do": "correlate", "name": "alarm", "key": "n"},
    {"do": "complete", "run": "parallel", "element": "p1"},
    {"do": "complete", "run": "inclusive", "element": "i1"},
    {"do": "keep", "name": "reply", "key": "later", "variables": {"kept": True}},
    {"do": "correlate", "name": "begin", "key": "h1"},
    {"do": "complete", "run": "ended", "element": "only", "variables": {"done": True}},
    {"do": "cancel", "run": "cancelled"},
    {"do": "suspend", "run": "held"},
    {"do": "pass", "days": 2.5},
]
_AFTER: Final[list[Act]] = [
    {"do": "mend", "process": "failing"},
    {"do": "correlate", "name": "word", "key": "a"},
    {"do": "start", "run": "begun later", "process": "messages", "variables": {"number": "later"}},
    {"do": "pass", "days": 4},
    {"do": "complete", "run": "desk", "element": "draft", "variables": {"outcome": "approve"}, "actor": "somchai"},
    {"do": "complete", "run": "timers", "element": "slow"},
    {"do": "correlate", "name": "reply", "key": "1/2569"},
    {"do": "complete", "run": "messages", "element": "read"},
    {"do": "correlate", "name": "letter", "key": "later"},
    {"do": "complete", "run": "begun later", "element": "read"},
    {"do": "broadcast", "name": "bell"},
    {"do": "complete", "run": "signals", "element": "answer"},
    {"do": "complete", "run": "race lost", "element": "ask"},
    *({"do": "complete", "run": "many", "element": "review", "variables": {"answer": n}} for n in range(3)),
    *({"do": "complete", "run": "wide", "element": "review", "variables": {"answer": n}} for n in range(119)),
    *({"do": "complete", "run": "row", "element": "turn"} for _ in range(3)),
    *({"do": "complete", "process": "called", "element": "answer_for", "variables": {"answer": n}} for n in (51, 52)),
    {"do": "complete", "run": "caller", "element": "sum_up"},
    {"do": "correlate", "name": "alarm", "key": "n"},
    {"do": "complete", "run": "nested", "element": "inner", "variables": {"extra": 2}},
    {"do": "complete", "run": "nested", "element": "outside"},
    {"do": "correlate", "name": "stop", "key": "s"},
    {"do": "complete", "run": "parallel", "element": "p2"},
    {"do": "complete", "run": "parallel", "element": "after"},
    {"do": "complete", "run": "inclusive", "element": "i2"},
    {"do": "complete", "run": "inclusive", "element": "after"},
    {"do": "complete", "run": "stuck", "element": "beside"},
    {"do": "set", "run": "stuck", "variables": {"ok": True}},
    {"do": "complete", "run": "stuck", "element": "yes"},
    {"do": "complete", "run": "failing", "element": "printed"},
    {"do": "complete", "run": "again", "element": "printed"},
    {"do": "resume", "run": "held"},
    {"do": "complete", "run": "held", "element": "then"},
    {"do": "complete", "run": "held", "element": "work"},
    {"do": "finish", "type": "billing", "worker": "clerk", "variables": {"bill": 7}},
    {"do": "complete", "run": "kept", "element": "look"},
    {"do": "complete", "run": "older version", "element": "work"},
    {"do": "complete", "run": "newer version", "element": "work"},
]
_LAST: Final[list[Act]] = [
    {"do": "pass", "days": 15},
    {"do": "complete", "process": "heard", "element": "begun"},
    *({"do": "complete", "process": "every", "element": "weekly"} for _ in range(2)),
]
