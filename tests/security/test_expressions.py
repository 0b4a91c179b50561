"""A diagram is never code: known and generated attacks in every place where an expression may stand, by upload and at run."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine import EngineError, ExpressionError, ProcessEngine
from tests.support.bpmn import Builder, process
from tests.support.bpmn_xml import bpmn_file, line
from tests.support.driver import Driver
from tests.support.watch import COMPILES, CONNECTS, RUNS, watching
from tests.support.web import Browser, Office

GENERATED = 10_000
SHARE = 6  # each place of a diagram sees every sixth attack, each attack several places
FULL = os.environ.get("SAANPHAEN_TEST_FULL") == "1"  # every attack in every place: five minutes
SECRET = "never-in-a-process"
PLAIN = (type(None), bool, int, float, str, list, dict)
PAYLOADS = [
    "__import__('os').system('touch {canary}')",
    'import os; os.system("touch {canary}")',
    'exec("open(\'{canary}\', \'w\')")',
    'eval("__import__(\'os\')")',
    'compile("1", "a", "eval")',
    'open("{canary}", "w").write("x")',
    "open('/etc/passwd').read()",
    "().__class__.__base__.__subclasses__()",
    "(1).__class__.__mro__[1].__subclasses__()",
    '"".__class__.__mro__',
    "[].__class__.__base__.__subclasses__()[40]('{canary}','w')",
    '{}.__class__.__init__.__globals__["__builtins__"]',
    "x.__globals__",
    "(lambda: 0).__globals__",
    "(function(a) a).__globals__",
    "(lambda f: f.__code__)(lambda: 0)",
    "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'Popen']",
    "getattr(1, '__class__')",
    "setattr(x, 'a', 1)",
    "globals()",
    "locals()",
    "vars()",
    "dir()",
    "type('X', (), {})",
    "breakpoint()",
    "help()",
    "input()",
    "exit()",
    "quit()",
    "f'{__import__(\"os\").environ}'",
    "'{0.__class__}'.format(1)",
    "os.environ['SECRET_KEY']",
    "environ.SAANPHAEN_SECRET_KEY",
    "__builtins__",
    "__builtins__.open",
    "subprocess.Popen('touch {canary}', shell=True)",
    "${{7*7}}",
    "{{7*7}}",
    "{{ config.items() }}",
    "#{T(java.lang.Runtime).getRuntime().exec('touch {canary}')}",
    "${{''.getClass().forName('java.lang.Runtime')}}",
    "T(java.lang.System).exit(0)",
    'function(x) external {java: {class: "java.lang.Runtime", method signature: "exec(java.lang.String)"}}',
    'function() external {java: {class: "java.lang.System", method signature: "exit(int)"}}',
    "process.mainModule.require('child_process').execSync('touch {canary}')",
    "constructor.constructor('return this')()",
    "9**9**8",
    "9**9**9**9",
    "while True: pass",
    "for i in 1..1000000000 return i",
    "for a in 1..99999, b in 1..99999 return a * b",
    'matches("' + "a" * 40 + '!", "(a+)+$")',
    'replace("' + "a" * 40 + '", "(a|aa)+$", "$1$1$1")',
    "count(for i in 1..100000 return for j in 1..100000 return j) > 0",
    "(function(f) f(f))(function(f) f(f))",
    "'; DROP TABLE bpm_task; --",
    "x := 1",
    "yield 1",
    "@os.system",
    "`touch {canary}`",
    "$(touch {canary})",
]  # fmt: skip
USEFUL = [
    ('budget > 1000000 and unit = "TH-52"', True),
    ('if count(late) > 2 then "เร่งรัด" else "ปกติ"', "ปกติ"),
    ("sum(for p in projects return p.budget)", 1_500_000),
    ("projects[budget > 600000][1].name", "ถนน"),
    ("some p in projects satisfies p.budget > 800000", True),
    ('date("2027-09-30") - date("2027-09-01") > duration("P28D")', True),
    ('contains(name, "ลำปาง")', True),
    ('upper case("th-") + string(52)', "TH-52"),
    ("floor(budget / 3)", 500_000),
    ("{{total: sum(projects.budget)}}.total", 1_500_000),
]  # fmt: skip
SCOPE = {
    "budget": 1_500_000,
    "unit": "TH-52",
    "late": ["a"],
    "name": "แผนพัฒนาจังหวัดลำปาง",
    "projects": [{"name": "ถนน", "budget": 900_000}, {"name": "น้ำ", "budget": 600_000}],
}
Place = Callable[[str], Builder]


def _start() -> Builder:
    return process("attack").start()


PLACES: dict[str, Place] = {
    "condition": lambda e: _start().exclusive("x").flow_if(e).end("a").at("x").otherwise().end("b"),
    "script": lambda e: _start().script("x", e, "result").user_task("t").end(),
    "duration": lambda e: _start().catch("x", timer=e).end(),
    "date": lambda e: _start().catch("x", date=e).end(),
    "cycle": lambda e: _start().user_task("t").end().boundary("t", "x", interrupting=False, cycle=e).end("b"),
    "start timer": lambda e: process("attack").start("x", cycle=e).end(),
    "collection": lambda e: _start().user_task("x", each=e, item="i").end(),
    "until": lambda e: _start().user_task("x", each="= [1, 2]", item="i", until=e).end(),
    "collected": lambda e: _start().script("x", "= 1", "r").user_task("y", each="= [1]", collect="c", result=e).end(),
    "message": lambda e: _start().catch("x", message=e, key_="= 1").end(),
    "correlation": lambda e: _start().catch("x", message="m", key_=e).end(),
    "signal": lambda e: _start().throw("x", signal=e).end(),
    "error": lambda e: _start().end("x", error=e),
    "input": lambda e: _start().user_task("x", inputs={"v": e}).end(),
    "output": lambda e: _start().user_task("x", outputs={"v": e}).end(),
    "assignee": lambda e: _start().user_task("x", assignee=e).end(),
    "groups": lambda e: _start().user_task("x", groups=e).end(),
    "users": lambda e: _start().user_task("x", users=e).end(),
    "due date": lambda e: _start().user_task("x", due=e).end(),
    "priority": lambda e: _start().user_task("x", priority=e).end(),
    "work": lambda e: _start().service_task("x", e).end(),
    "retries": lambda e: _start().service_task("x", "w", retries=e).end(),
    "header": lambda e: _start().service_task("x", "w", headers={"url": e}).end(),
    "called": lambda e: _start().call("x", e).end(),
    "call input": lambda e: _start().call("x", "attack", inputs={"v": e}).end(),
    "form": lambda e: _start().user_task("x", form=e).end(),
}


def _written(payload: str, canary: Path) -> str:
    return payload.replace("{canary}", str(canary)).replace("{{", "{").replace("}}", "}")


@pytest.fixture(scope="module")
def engine() -> Iterator[ProcessEngine]:
    """An engine whose lazy parts are loaded."""
    engine = ProcessEngine.open("sqlite://")
    for text, _value in USEFUL:
        engine.evaluate(_written(text, Path()), SCOPE)
    yield engine
    engine.close()


def _answer(engine: ProcessEngine, text: str) -> object:
    """Evaluate; returns the value, or None where the language refuses. Anything else that is raised is a failure."""
    try:
        return engine.evaluate(text, SCOPE)
    except ExpressionError:
        return None


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    return isinstance(value, PLAIN) or type(value).__module__.split(".")[0] in {"datetime", "decimal", "engine"}


def test_no_known_attack_runs_as_an_expression(
    engine: ProcessEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("SAANPHAEN_SECRET_KEY", SECRET)
    canary = tmp_path / "canary"

    assert len(PAYLOADS) >= 50
    for payload in PAYLOADS:
        with watching(RUNS + CONNECTS + COMPILES) as seen:
            value = _answer(engine, _written(payload, canary))
        assert seen.events == [], payload
        assert seen.cpu < 1, payload
        assert _is_plain(value), payload
        assert SECRET not in repr(value), payload
    assert not canary.exists()


@pytest.mark.parametrize(("text", "value"), USEFUL)
def test_what_planners_need_is_evaluated(engine: ProcessEngine, text: str, value: object) -> None:
    assert engine.evaluate(_written(text, Path()), SCOPE) == value


WORDS = [
    "__import__", "__class__", "__globals__", "os", "system", "eval", "exec", "open", "lambda", "getattr", "budget",
    "projects", "unit", "(", ")", "[", "]", "{", "}", ".", ",", ":", "'", '"', "=", "!=", "<", ">", "+", "-", "*", "/",
    "**", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or", "not", "between",
    "function", "external", "instance of", "date", "duration", "@", "\\", "\n", "1", "0", "1e999", "..", "1..9", "null",
    "true", "ก", "\u202e", "\x00", "`", "$", "%", "#", ";", "item", "?", "matches", "replace", "string", "count", "sort",
]  # fmt: skip


def test_no_generated_attack_runs_as_an_expression(engine: ProcessEngine) -> None:
    seed = int(os.environ.get("SAANPHAEN_TEST_SEED", "2570"))
    chance = random.Random(seed)

    for number in range(GENERATED):
        if number % 3:
            text = chance.choice(("", " ")).join(chance.choices(WORDS, k=chance.randint(1, 25)))
        else:  # a known one, cut, doubled and mixed
            known = list(_written(chance.choice(PAYLOADS), Path("canary"))[:400])
            for _ in range(chance.randint(1, 8)):
                known.insert(chance.randrange(len(known) + 1), chance.choice(WORDS))
            text = "".join(known)
        with watching(RUNS + CONNECTS + COMPILES) as seen:
            value = _answer(engine, text)
        assert seen.events == [], (seed, number, text)
        assert seen.cpu < 1, (seed, number, text)
        assert _is_plain(value), (seed, number, text)
    assert not Path("canary").exists()


@pytest.mark.parametrize("place", PLACES)
def test_no_known_attack_runs_from_any_place_of_a_diagram(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deployed where the gate lets it through, started, its task completed, its time passed."""
    monkeypatch.setenv("SECRET_KEY", SECRET)
    canary = tmp_path / "canary"
    driver = Driver("sqlite://")
    driver.deploy(process("warm").start().user_task("t").end())
    driver.start("warm")

    for payload in PAYLOADS[list(PLACES).index(place) % SHARE :: 1 if FULL else SHARE]:
        if "1.." in payload and place not in {"condition", "input"} and not FULL:
            continue  # each costs a second until it is stopped
        text = _written(payload, canary)
        with watching() as seen:
            _try(driver, PLACES[place](f"= {text}"))
        assert seen.events == [], payload
        assert seen.cpu < 5, payload  # one evaluation is stopped within a second; what fails is tried again
    stored = repr([dict(driver.engine.variables(run.id)) for run in driver.engine.instances(limit=1_000)])
    driver.close()
    assert not canary.exists()
    assert SECRET not in stored


def _try(driver: Driver, diagram: Builder) -> None:
    try:
        driver.deploy(diagram)
        driver.start("attack")
    except EngineError:
        return
    for task in driver.engine.tasks(process_id="attack"):
        try:
            driver.engine.complete(task.id, {"x": 1})
        except EngineError:
            continue
    driver.pass_time(hours=1)
    for run in driver.engine.instances(process_id="attack", state="active"):
        if run.parent_id is None:
            driver.engine.cancel(run.id, reason="over")


# -- through the page for administrators -----------------------------------------------------------------------------


@pytest.fixture
def admin(sqlite_url: str) -> Iterator[Browser]:
    """The administrator's browser."""
    office = Office(sqlite_url)
    yield office.browser("admin")
    office.close()


def _entity(declaration: str, use: str = "&a;") -> bytes:
    head = f'<?xml version="1.0"?><!DOCTYPE d [{declaration}]>'.encode()
    return head + bpmn_file(line("s", "e") + f'<bpmn:startEvent id="s" name="{use}"/><bpmn:endEvent id="e"/>')[38:]


_ENDS = '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
HOSTILE: dict[str, bytes] = {
    "python script": bpmn_file('<bpmn:startEvent id="s"/><bpmn:scriptTask id="x" scriptFormat="python"><bpmn:script>'
                               'import os; os.system("id")</bpmn:script></bpmn:scriptTask><bpmn:endEvent id="e"/>'
                               + line("s", "x", "e")),
    "groovy listener": bpmn_file('<bpmn:startEvent id="s"/><bpmn:userTask id="x"><bpmn:extensionElements>'
                                 '<c:executionListener xmlns:c="http://camunda.org/schema/1.0/bpmn" event="start" '
                                 'class="java.lang.Runtime"/></bpmn:extensionElements></bpmn:userTask>'
                                 '<bpmn:endEvent id="e"/>' + line("s", "x", "e")),
    "spiff script": bpmn_file('<bpmn:startEvent id="s"/><bpmn:userTask id="x"><bpmn:extensionElements>'
                              '<p:preScript xmlns:p="http://spiffworkflow.org/bpmn/schema/1.0/core">import os'
                              '</p:preScript></bpmn:extensionElements></bpmn:userTask><bpmn:endEvent id="e"/>'
                              + line("s", "x", "e")),
    "external entity": _entity('<!ENTITY a SYSTEM "file:///etc/passwd">'),
    "entity of the network": _entity('<!ENTITY a SYSTEM "http://127.0.0.1:1/a">'),
    "parameter entity": _entity('<!ENTITY % a SYSTEM "http://127.0.0.1:1/a"> %a;', ""),
    "public DTD": b'<?xml version="1.0"?><!DOCTYPE d PUBLIC "-//X//Y" "http://127.0.0.1:1/d.dtd">' + bpmn_file(_ENDS)[38:],
    "laughs": _entity("".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("zabcdefgh", "abcdefghi", strict=True))),
    "quadratic": _entity(f'<!ENTITY a "{"x" * 50_000}">', "&a;" * 50),
    "utf-7": b'<?xml version="1.0" encoding="UTF-7"?>' + bpmn_file(_ENDS)[38:],
    "ebcdic": '<?xml version="1.0" encoding="cp037"?>'.encode("cp037"),
    "nine megabytes in an attribute": bpmn_file(f'<bpmn:startEvent id="s" name="{"x" * 9_000_000}"/>'),
    "deep": bpmn_file("<bpmn:subProcess>" * 3_000 + "</bpmn:subProcess>" * 3_000),
    "wide": bpmn_file("".join(f'<bpmn:task id="t{n}"/>' for n in range(25_000))),
    "double ids": bpmn_file(_ENDS + _ENDS + line("s", "e")),
    "missing target": bpmn_file('<bpmn:startEvent id="s"/>' + line("s", "gone")),
    "cycle of lanes": bpmn_file('<bpmn:laneSet id="l"><bpmn:lane id="a"><bpmn:childLaneSet id="l"/></bpmn:lane></bpmn:laneSet>'),
    "null bytes": bpmn_file(_ENDS).replace(b"bpmn:endEvent", b"bpmn:end\x00Event"),
}  # fmt: skip
ACCEPTED: dict[str, bytes] = {
    "calls itself": process("attack").start().call("c", "attack").end().xml(),
    "endless loop": process("attack").start().exclusive("a").exclusive("b").to("a").xml(),
    "import": bpmn_file(_ENDS + line("s", "e"), roots='<bpmn:import importType="x" location="http://127.0.0.1:1/x" namespace="n"/>'),
    "include": bpmn_file('<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>' + _ENDS),
    "thousand tasks in a row": bpmn_file(
        '<bpmn:startEvent id="s"/>' + "".join(f'<bpmn:manualTask id="t{n}"/>' for n in range(900)) + '<bpmn:endEvent id="e"/>'
        + line("s", *(f"t{n}" for n in range(900)), "e")
    ),
    "markup as a name": process("attack", "<script>alert(1)</script>").start().user_task("x", name="<img src=x onerror=a>").end().xml(),
    "style sheet": b'<?xml version="1.0"?><?xml-stylesheet href="http://127.0.0.1:1/x.xsl"?>' + process("attack").start().end().xml()[38:],
    "many items": process("attack").start().user_task("x", each="= for i in 1..200000 return i", item="i").end().xml(),
    "heavy condition": process("attack").start().exclusive("x").flow_if("= 9**9**8 > 1").end("a").at("x").otherwise().end("b").xml(),
}  # fmt: skip


OF_ONE_PROCESS = ("thousand tasks in a row", "include", "import")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_diagram_is_refused_in_words(admin: Browser, name: str) -> None:
    admin.deploy(("warm.bpmn", process("warm").start().user_task("t").end().xml()))
    with watching() as seen:
        answer = admin.deploy(("attack.bpmn", HOSTILE[name]))

    assert answer.status_code in {413, 422}, answer.text[:300]
    assert "ต้องแก้ไข" in answer.text or "ใหญ่เกิน" in answer.text
    assert "root:x:" not in answer.text
    assert "Traceback" not in answer.text
    assert seen.events == []
    assert seen.cpu < 1


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_only_odd_is_deployed_or_refused_and_runs_within_its_limits(sqlite_url: str, name: str) -> None:
    office = Office(sqlite_url)
    admin = office.browser("admin")
    admin.deploy(("warm.bpmn", process("warm").start().user_task("t").end().xml()))

    with watching() as seen:
        answer = admin.deploy(("attack.bpmn", ACCEPTED[name]))
        if answer.status_code == 303:
            page = admin.get(answer.location)
            assert page.status_code == 200
            assert "<script>alert" not in page.text
            assert "<img src=x" not in page.text
            with suppress(EngineError):  # in words; anything else fails
                office.engine.start("p" if name in OF_ONE_PROCESS else "attack")
    office.close()

    assert answer.status_code in {303, 422}
    assert seen.events == []
    assert seen.cpu < 5


def test_the_watch_sees_what_it_is_there_for(tmp_path: Path) -> None:
    import socket
    import subprocess

    with watching(RUNS + CONNECTS + COMPILES) as seen:
        os.system("true")
        subprocess.run(["true"], check=True)
        compile("1", "a", "eval")
        with socket.socket() as line_out:
            line_out.connect_ex(("127.0.0.1", 9))

    assert [event.partition("(")[0] for event in seen.events] >= ["os.system"]
    assert {"os.system", "subprocess.Popen", "compile", "socket.connect"} <= {e.partition("(")[0] for e in seen.events}
