"""R3: every form is sent twice: at once from two windows, late, or after the line was cut; one effect, the same answer."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from random import Random

from sqlalchemy import text

from engine import ProcessEngine, open_database
from tests.soak.harness.browser import Answer, Browser, LineBroke
from tests.soak.harness.diagrams import FORMS, one_step, plain
from tests.soak.harness.oracle import examine
from tests.soak.harness.outcome import Outcome, Tell, silent
from tests.soak.harness.place import STORES, Place
from tests.soak.harness.site import Site
from tests.soak.harness.staff import ADMINISTRATORS, PLANNER, PLANNERS
from tests.support.bpmn import process
from workflows.install import open_engine

WHAT = "repeated request"
_ME, _COLLEAGUE = PLANNERS[:2]
_WAYS = ("at once", "late", "cut")
_HANDS = 4
_LEADS_ON = ("complete", "retry")  # to whatever is next at that moment


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done on each store."""

    pairs: int


FULL = Size(pairs=500)
SHORT = Size(pairs=33)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that is sent: by whom, where, what stands in it, and the SQL that counts what it has done."""

    kind: str
    person: str
    path: str
    fields: dict[str, str]
    effects: str
    key: int
    files: dict[str, bytes] | None = None


def run(place: Place, size: Size, seed: int, tell: Tell = silent) -> Outcome:
    """Send every form twice on each store."""
    outcome = Outcome(f"{size.pairs} pairs × {len(STORES)} stores, {len(_KINDS)} kinds of form", "")
    figures = []
    for number, store in enumerate(STORES):
        url = place.database(store, f"r3-{store}")
        forms = _prepare(url, size.pairs, Random(seed))
        with Site(url, place.home(f"r3-{store}")) as site:
            site.serve()
            site.wait_until_it_answers()
            pairs = Pairs(site, seed)
            with ThreadPoolExecutor(_HANDS) as pool:
                for done, _ in enumerate(pool.map(pairs.send, forms), 1):
                    tell(number * size.pairs + done, len(STORES) * size.pairs)
            outcome.note(f"{store}: {line}" for line in site.complaints())
        for kind, answers in sorted(pairs.unlike.items()):
            outcome.faults.append(f"{store}: {kind} is answered differently the second time: {dict(answers)}")
        database = open_database(url)
        with database.connect() as connection:
            wrong = Counter(
                form.kind
                for form in forms
                if connection.execute(text(form.effects), {"key": form.key}).scalar_one() != 1
            )
        database.dispose()
        outcome.note(f"{store}: {kind}: {count} without exactly one effect" for kind, count in wrong.items())
        engine = open_engine(url)
        verdict = examine(engine, pairs.completed, incidents_expected=True)
        engine.close()
        outcome.note(f"{store}: {fault}" for fault in verdict.faults())
        figures.append(f"{store}: {len(forms)} pairs, one effect each; {pairs.alike} answered alike")
    outcome.figure = "; ".join(figures)
    return outcome


class Pairs:
    """Sends forms twice and compares the answers."""

    def __init__(self, site: Site, seed: int) -> None:
        self._seed = seed
        self._signed_in = {one.person: one for one in site.signed_in(_ME, *ADMINISTRATORS)}
        self._lock = threading.Lock()
        self.unlike: dict[str, Counter[str]] = {}
        self.alike = 0
        self.completed: list[str] = []

    def send(self, form: Form) -> None:
        """Send one form twice."""
        way = Random(f"{self._seed}:{form.kind}:{form.key}").choice(_WAYS)
        first, second = self._signed_in[form.person].window(), self._signed_in[form.person].window()
        if way == "at once":
            found: list[Answer] = []
            threads = [
                threading.Thread(target=lambda one=one: found.append(_send(one, form))) for one in (first, second)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        elif way == "late" or form.files:
            found = [_send(first, form), _send(second, form)]
        else:
            first.post_and_hang_up(form.path, form.fields)
            found = [_send(second, form)] * 2
        leads_on = form.kind in _LEADS_ON
        told = [(answer.status, "" if leads_on else answer.location.split("?")[0]) for answer in found]
        with self._lock:
            if len(told) == 2 and told[0] == told[1] and told[0][0] in (HTTPStatus.SEE_OTHER, HTTPStatus.OK):
                self.alike += 1
            else:
                self.unlike.setdefault(form.kind, Counter())[f"{way}: {sorted(told)}"[:300]] += 1
            if form.kind == "complete":
                self.completed.append(str(form.key))
        first.close()
        second.close()


def _send(browser: Browser, form: Form) -> Answer:
    try:
        if form.files:
            return browser.upload(form.path, form.files, form.fields)
        return browser.post(form.path, form.fields)
    except LineBroke as broken:
        return Answer(0, {}, str(broken).encode())


def _of_run(kind: str) -> str:
    return f"SELECT count(*) FROM bpm_history WHERE kind = '{kind}' AND instance_id = :key"


def _of_task(kind: str) -> str:
    return (
        f"SELECT count(*) FROM bpm_history h WHERE kind = '{kind}'"
        " AND h.instance_id = (SELECT instance_id FROM bpm_task WHERE id = :key)"
    )


def _task_forms(kind: str, engine: ProcessEngine, count: int) -> list[Form]:
    with engine.unit_of_work() as uow:
        runs = [uow.instances.start("soak_one", {}, f"{kind}:{number}").id for number in range(count)]
    tasks = [engine.tasks(instance_id=one)[0].id for one in runs]
    if kind != "claim":
        for task in tasks:
            engine.assign(task, _ME, "system")
    fields = {
        "claim": {},
        "release": {},
        "hand-over": {"colleague": _COLLEAGUE, "reason": "ลาพักผ่อน"},
        "draft": {"v:note": "ร่างไว้ก่อน", "draft_version": "0"},
        "complete": {"v:note": "เสร็จแล้ว"},
    }[kind]
    effects = {
        "claim": _of_task("task_claimed"),
        "release": _of_task("task_released"),
        # The first assignment is the test's own.
        "hand-over": _of_task("task_assigned").replace("count(*)", "count(*) - 1"),
        "draft": "SELECT sum(version) FROM web_task_draft WHERE task_id = CAST(:key AS VARCHAR)",
        "complete": _of_task("task_completed"),
    }[kind]
    return [
        Form(kind, _ME, f"/tasks/{task}/{kind}", {**fields, "once": f"once-{task}"}, effects, int(task))
        for task in tasks
    ]


def _run_forms(kind: str, engine: ProcessEngine, count: int) -> list[Form]:
    with engine.unit_of_work() as uow:
        runs = [uow.instances.start("soak_one", {}, f"{kind}:{number}").id for number in range(count)]
    if kind == "resume":
        for one in runs:
            engine.suspend(one, reason="ทดสอบ")
    done = {"suspend": "instance_suspended", "resume": "instance_resumed", "cancel": "instance_cancelled"}[kind]
    return [
        Form(
            kind, ADMINISTRATORS[0], f"/processes/runs/{one}/{kind}", {"reason": "ทดสอบ"}, _of_run(done), int(one)
        )
        for one in runs
    ]  # fmt: skip


def _incident_forms(kind: str, engine: ProcessEngine, count: int) -> list[Form]:
    broken = process("soak_broken", "ติดขัด").start().script("divide", '= assert(n, n > 0, "n")', "m")
    engine.deploy(plain(broken.user_task("work", groups=PLANNER, form="note").end()))
    # `n` is 0 where the step fails again, so that the case stays closed or a new one is told.
    runs = [engine.start("soak_broken", {"n": 0}, f"{kind}:{number}").id for number in range(count)]
    if kind == "repair":
        fields = {"name": "n", "kind": "number", "value": "1", "reason": "แก้ไข", "then": "retry"}
    else:
        fields = {}
    effects = {
        "retry": "SELECT count(*) - 1 FROM bpm_history WHERE kind = 'incident_created' AND instance_id = :key",
        "resolve": _of_run("incident_resolved"),
        "repair": _of_run("variables_set"),
    }[kind]
    cases = [engine.incidents(instance_id=one)[0] for one in runs]
    return [
        Form(kind, ADMINISTRATORS[0], f"/operations/{case.id}/{kind}", fields, effects, int(one))
        for one, case in zip(runs, cases, strict=True)
    ]


def _deploy_forms(_kind: str, _engine: ProcessEngine, count: int) -> list[Form]:
    versions = "SELECT count(*) FROM bpm_process_definition WHERE key = 'soak_new_' || CAST(:key AS VARCHAR)"
    return [
        Form(
            "deploy", ADMINISTRATORS[0], "/processes/deploy", {"note": "ทดสอบ"}, versions, number,
            one_step(f"soak_new_{number}") | FORMS,
        )
        for number in range(count)
    ]  # fmt: skip


_KINDS: dict[str, Callable[[str, ProcessEngine, int], list[Form]]] = {
    **dict.fromkeys(("claim", "release", "hand-over", "draft", "complete"), _task_forms),
    **dict.fromkeys(("suspend", "resume", "cancel"), _run_forms),
    **dict.fromkeys(("resolve", "retry", "repair"), _incident_forms),
    "deploy": _deploy_forms,
}


def _prepare(url: str, pairs: int, random: Random) -> list[Form]:
    """Make what the forms are about: complete is sent most, as people do."""
    engine = open_engine(url)
    engine.deploy(one_step())
    share = max(1, pairs // (len(_KINDS) + 3))
    forms = [
        form
        for kind, make in _KINDS.items()
        for form in make(kind, engine, share if kind != "complete" else pairs - share * (len(_KINDS) - 1))
    ]
    engine.close()
    random.shuffle(forms)
    return forms
