"""`saanphaen feel` and `saanphaen decide`: values as JSON, what is missing told, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.decisions.models import decision, dmn, input_data, literal, needs, table
from web.cli import cli

MODEL = dmn(
    input_data("due", "date")
    + input_data("points", "number")
    + decision(
        "speed",
        table(
            ["due", "points"],
            ["speed"],
            [['< @"2025-06-01"', "-", '"soon"'], ["-", "> 10", '"soon"'], ["-", "[1..2]", '"late"']],
            policy="ANY",
        ),
        needs=needs("input:due", "input:points"),
    )
    + decision("bad", literal("1 +"))
    + decision("exact", literal("1.10 * points"), needs=needs("input:points"))
)


def run(*arguments: str, **options: Any) -> Result:
    found = CliRunner().invoke(cli, list(arguments), **options)
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model.dmn").write_bytes(MODEL)
    Path("in.json").write_text('{"due": "2025-05-31", "points": 0.10, "plan": {"state": "late"}}', encoding="utf-8")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 1", "2"),
        ("= points * 3", "0.30"),
        ("plan", '{\n  "state": "late"\n}'),
        ('date(due) + @"P1D"', '"2025-06-01"'),
        ("2 ** 100", "1267650600228229401496703205376"),
        ("1 / 3", "0.3333333333333333333333333333333333"),
        (
            '["ก", [1..@"P3D"], (< 5), sum, null, true]',
            '[\n  "ก",\n  "[1..@\\"P3D\\"]",\n  "(< 5)",\n  "function",\n  null,\n  true\n]',
        ),
        ("now()", '"2026-10-01T08:30:00@Asia/Bangkok"'),
        ("-5", "-5"),
    ],
)
def test_an_expression_comes_to_its_value_as_json(expression: str, expected: str) -> None:
    found = run("feel", "--context", "in.json", "--now", "2026-10-01T01:30:00+00:00", "--", expression)

    assert (found.stdout.strip(), found.exit_code) == (expected, 0)


def test_a_name_that_nothing_has_is_told() -> None:
    found = run("feel", "gone + 1")

    assert (found.stdout, found.exit_code) == ("null\n", 0)
    assert "gone: neither in the context nor in the language" in found.stderr
    assert json.loads(run("feel", "gone + 1", "--json").stdout) == {"value": None, "unknown": ["gone"], "error": None}


@pytest.mark.parametrize(
    ("expression", "position"), [("1 +", 4), ('"a', 1), ("(" * 60, 51), ("for i in 1..9999999 return i", None)]
)
def test_what_is_no_expression_is_told_with_its_place(expression: str, position: int | None) -> None:
    found, told = run("feel", expression), json.loads(run("feel", expression, "--json").stdout)

    assert (found.stdout, found.exit_code) == ("", 1)
    assert found.stderr.startswith("Expected an expression that can be evaluated, but ")
    assert told["error"]["position"] == position


@pytest.mark.parametrize(
    "content", ["", "[1]", '{"a": NaN}', "{", "\udcff", '{"a": ' + "[" * 5_000 + "]" * 5_000 + "}", "1"]
)
def test_what_is_no_context_is_wrong_usage(content: str) -> None:
    Path("bad.json").write_bytes(content.encode("utf-8", "surrogateescape"))

    for arguments in (("feel", "1", "--context"), ("decide", "model.dmn", "speed", "--input")):
        found = run(*arguments, "bad.json")
        assert found.exit_code == 2
        assert "Expected" in found.stderr
    assert run("feel", "1", "--context", "gone.json").exit_code == 2
    assert run("feel", "1", "--now", "tomorrow").exit_code == 2


def test_a_decision_comes_to_its_value_and_its_rules() -> None:
    found = run("decide", "model.dmn", "speed", "--input", "in.json", "--json")

    told = json.loads(found.stdout)
    assert found.exit_code == 0
    assert (told["value"], told["failures"]) == ("soon", [])
    (asked,) = told["tables"]
    assert asked["inputs"] == [{"expression": "due", "value": "2025-05-31"}, {"expression": "points", "value": 0.1}]
    assert [rule["rule"] for rule in asked["matched"]] == [1]
    assert run("decide", "model.dmn", "exact", "--input", "in.json").stdout == "0.1100\n"
    assert run("decide", "model.dmn", "_exact", "--input", "-", input='{"points": 10}').stdout == "11.00\n"


def test_a_null_that_should_be_none_is_told_and_is_status_1() -> None:
    found = run("decide", "model.dmn", "speed", "--input", "-", input='{"due": "2025-05-31", "points": 1}')

    assert (found.stdout, found.exit_code) == ("null\n", 1)
    assert "table: hit_policy: Expected all rules that match to agree" in found.stderr
    assert run("decide", "model.dmn", "bad").exit_code == 1


def test_what_is_imported_is_found_beside_the_file() -> None:
    imported = (
        '<import name="m" namespace="https://example.org/a" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
    )
    own = decision("d", literal("m.exact"), needs=needs("decision:https://example.org/a#_exact"))
    Path("own.dmn").write_bytes(dmn(imported + own, namespace="https://example.org/own"))
    Path("noise.dmn").write_bytes(b"noise")

    assert run("decide", "own.dmn", "d", "--input", "-", input='{"points": 10}').stdout == "11.00\n"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 2),
        (b"noise", 2),
        (b"<definitions/>", 2),
        (dmn(decision("a", literal("1"), needs=needs("decision:a"))), 1),
        (dmn(decision("a", literal("1"), type_="tGone")), 1),
        (dmn(decision("b", literal("1"))), 2),
    ],
)
def test_a_file_that_cannot_decide_says_why(content: bytes, status: int) -> None:
    Path("other.dmn").write_bytes(content)

    found = run("decide", "other.dmn", "a")

    assert (found.exit_code, found.stdout) == (status, "")
    assert found.stderr


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=40), st.dictionaries(st.text(max_size=5), st.integers() | st.floats(allow_nan=False) | st.text())
)
def test_no_text_brings_a_traceback(expression: str, variables: dict[str, Any]) -> None:
    assert run("feel", "--context", "-", "--", expression, input=json.dumps(variables)).exit_code in (0, 1, 2)
