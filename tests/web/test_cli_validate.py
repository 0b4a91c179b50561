"""`saanphaen validate`: one line a problem, an exit status that says the worst, and never a traceback for any bytes."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.bpmn import process
from tests.support.bpmn_xml import bpmn_file, line
from web.cli import cli

LINE = re.compile(r"\S+?:\S+: (warning: )?[a-z_]+: .+ · .+")
GOOD = bpmn_file('<bpmn:startEvent id="s"/><bpmn:task id="x"/>' + line("s", "x"))
ALONE = bpmn_file('<bpmn:startEvent id="s"/><bpmn:task id="x"/><bpmn:task id="y"/>' + line("s", "x"))
BAD = bpmn_file('<bpmn:startEvent id="s"/><bpmn:task id="x" noSuch="1"/>' + line("s", "x"), process_id="bad")
NO_MODEL = 'xmlns="http://www.omg.org/spec/DMN/20191111/MODEL/"'


def validate(*arguments: str, **options: bytes) -> Result:
    found = CliRunner(env={}).invoke(cli, ["validate", *arguments], **options)
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    assert "Traceback" not in found.output
    return found


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in {"good": GOOD, "alone": ALONE, "bad": BAD, "broken": b"<broken"}.items():
        Path(f"{name}.bpmn").write_bytes(content)


def zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.bpmn", content)
    return target.getvalue()


BOMB = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + GOOD.partition(b"\n")[2]
DEEP = bpmn_file('<bpmn:subProcess id="a">' * 300 + "</bpmn:subProcess>" * 300)
SAME = GOOD.decode().partition("\n")[2]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (GOOD, 0),
        (ALONE, 0),
        (BAD, 1),
        (b"\xef\xbb\xbf" + GOOD, 0),
        (SAME.encode("utf-16"), 0),
        (f'<?xml version="1.0" encoding="UTF-16"?>{SAME}'.encode("utf-16"), 0),
        (SAME.encode("utf-16-le"), 0),
        (SAME.encode("utf-32"), 2),
        (b"", 2),
        (b"\0" * 5000, 2),
        (bytes(range(256)) * 100, 2),
        (zipped(GOOD), 2),
        (BOMB, 2),
        (GOOD[:-20], 2),
        (b"{}", 2),
        (b"<a/>", 2),
        (f"<definitions {NO_MODEL}/>".encode(), 2),
        (b"<" * 3_000_000, 2),
        (b" " * 30_000_000, 2),
        (GOOD.replace(b"</bpmn:process>", b" " * 26_000_000 + b"</bpmn:process>"), 1),
        (DEEP, 1),
    ],
)
def test_any_bytes_get_a_status_and_their_reasons_line_by_line(content: bytes, status: int) -> None:
    Path("some.bpmn").write_bytes(content)

    answer = validate("some.bpmn")

    assert answer.exit_code == status, answer.output
    told = answer.stdout.splitlines()
    assert all(LINE.fullmatch(each) and each.startswith("some.bpmn:") for each in told)
    assert any("warning:" not in each for each in told) == (status > 0)


def test_the_line_names_file_element_rule_and_remedy() -> None:
    answer = validate("alone.bpmn", "bad.bpmn")

    assert "alone.bpmn:y: warning: implicit_start: " in answer.stdout
    assert "bad.bpmn:x: not_executed: The engine does not execute `noSuch` here. · Remove it" in answer.stdout


@pytest.mark.parametrize(
    ("files", "status"),
    [
        (("good.bpmn",), 0),
        (("good.bpmn", "bad.bpmn"), 1),
        (("bad.bpmn", "broken.bpmn"), 2),
        (("broken.bpmn", "good.bpmn"), 2),
        (("missing.bpmn", "good.bpmn"), 2),
        ((".", "bad.bpmn"), 2),
        (("missing.bpmn",), 2),
        (("form.form",), 2),
        (("no\0name.bpmn",), 2),
    ],
)
def test_of_several_files_the_worst_counts(files: tuple[str, ...], status: int) -> None:
    Path("form.form").write_text("{}", "utf-8")

    assert validate(*files).exit_code == status


def test_forms_beside_a_diagram_belong_to_it() -> None:
    Path("ask.bpmn").write_bytes(process("ask").start().user_task("do", form="shape", groups="planner@TH").end().xml())
    Path("shape.form").write_text('{"id": "shape", "components": []}', "utf-8")

    assert validate("ask.bpmn").exit_code == 1
    assert validate("ask.bpmn", "shape.form").exit_code == 0


def test_json_has_the_keys_that_programs_rely_on_and_says_the_same() -> None:
    answer = validate("--json", "bad.bpmn", "alone.bpmn", "broken.bpmn")

    told = json.loads(answer.stdout)
    assert answer.exit_code == 2
    assert told["status"] == "unreadable"
    assert [(each["file"], each["status"]) for each in told["files"]] == [
        ("bad.bpmn", "refused"),
        ("alone.bpmn", "deployable"),
        ("broken.bpmn", "unreadable"),
    ]
    assert {frozenset(problem) for problem in told["problems"]} == {
        frozenset({"file", "element_id", "line", "severity", "rule", "message", "remedy", "facts"})
    }
    assert len(told["problems"]) == len(validate("bad.bpmn", "alone.bpmn", "broken.bpmn").stdout.splitlines())
    assert ("bad.bpmn", "x", "error", "not_executed") in {
        (each["file"], each["element_id"], each["severity"], each["rule"]) for each in told["problems"]
    }


def test_what_the_product_asks_beside_the_engine_is_a_remark_until_it_is_asked_for() -> None:
    data = process("ask").start().user_task("do", groups="king@TH").end().xml()
    Path("ask.bpmn").write_bytes(data)

    plain, product = validate("ask.bpmn"), validate("--product", "ask.bpmn")

    assert (plain.exit_code, product.exit_code) == (0, 1)
    assert "ask.bpmn:do: warning: unknown_role: " in plain.stdout
    assert "ask.bpmn:do: unknown_role: " in product.stdout


def test_standard_input_is_a_file_too() -> None:
    answer = validate("-", input=BAD)

    assert answer.exit_code == 1
    assert answer.stdout.startswith("-:x: not_executed: ")


def test_layout_writes_the_file_with_a_drawing() -> None:
    answer = CliRunner(env={}).invoke(cli, ["layout", "good.bpmn"])

    assert answer.exit_code == 0
    assert b"BPMNShape" in answer.stdout_bytes
    assert answer.stdout_bytes.startswith(GOOD.removesuffix(b"</bpmn:definitions>"))
    refused = CliRunner(env={}).invoke(cli, ["layout", "broken.bpmn"])
    assert refused.exit_code == 1
    assert "Traceback" not in refused.output
