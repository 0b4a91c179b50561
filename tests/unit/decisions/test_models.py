"""Requirement graphs, boxed expressions, types, services and imports; and files that are refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.limits import Limits
from engine.decisions import read_decisions
from engine.decisions.vocabulary import VERSIONS
from tests.unit.decisions.models import (
    answer,
    ask,
    decision,
    dmn,
    input_data,
    literal,
    needs,
    read,
    rules_of,
    table,
)

T = literal("true")


def bkm(name: str, parameters: str, logic: str, more: str = "", *, type_: str = "Any") -> str:
    given = "".join(f'<formalParameter name="{parameter}"/>' for parameter in parameters.split())
    return (
        f'<businessKnowledgeModel id="_{name}" name="{name}"><variable name="{name}" typeRef="{type_}"/>'
        f"<encapsulatedLogic>{given}{logic}</encapsulatedLogic>{more}</businessKnowledgeModel>"
    )


def test_a_decision_sees_what_it_requires_and_nothing_else_of_the_model() -> None:
    body = (
        input_data("x", "number")
        + decision("a", literal("x + 1"), needs=needs("input:x"))
        + decision("b", literal("[a, x]"), needs=needs("decision:a"))
    )

    assert answer(body, "b", {"x": 1}) == [2, None]


def test_names_that_the_model_does_not_know_are_seen_as_tools_without_input_data_write() -> None:
    assert answer(decision("a", literal("income * 2")), "a", {"income": 4}) == 8


def test_a_decision_without_a_variable_is_read_by_its_id_or_its_outputs() -> None:
    season = table(["temperature"], ["season"], [["> 30", '"Summer"'], ["< 10", '"Winter"']], policy="FIRST")
    body = (
        f'<decision id="_which-season" name="Season decision">{season}</decision>'
        f'<decision id="_two" name="Two">{table(["1"], ["a", "b"], [["-", "1", "2"]])}</decision>'
        + decision(
            "d",
            literal("[season, _which-season, Season decision, a, b]"),
            needs=needs("decision:which-season", "decision:two"),
        )
    )

    assert answer(body, "d", {"temperature": 5}) == ["Winter", "Winter", "Winter", 1, 2]


def test_a_chain_of_any_length_is_decided() -> None:
    chain = decision("d0", literal("0"))
    for place in range(1, 3_000):
        chain += decision(f"d{place}", literal(f"d{place - 1} + 1"), needs=needs(f"decision:d{place - 1}"))

    assert answer(chain, "d2999") == 2_999


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_of_the_standard_is_read(version: str) -> None:
    files = read(dmn(decision("a", literal("1 + 1")), version=version))

    assert files.problems == ()
    assert ask(files, "a").value == 2


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (f"<list>{literal('1')}{literal('x')}</list>", [1, 4]),
        (
            f'<relation><column name="a"/><column name="b b"/><row>{literal("1")}{literal("2")}</row></relation>',
            [{"a": 1, "b b": 2}],
        ),
        (
            (
                f'<context><contextEntry><variable name="a-b"/>{literal("x")}</contextEntry>'
                f"<contextEntry>{literal('a-b * 2')}</contextEntry></context>"
            ),
            8,
        ),
        (
            f'<context><contextEntry><variable name="a" typeRef="string"/>{literal("1")}</contextEntry></context>',
            {"a": None},
        ),
        (
            f"<conditional><if>{literal('x > 3')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>",
            1,
        ),
        (
            f'<for iteratorVariable="i"><in>{literal("[1..x]")}</in><return>{literal("i * i")}</return></for>',
            [1, 4, 9, 16],
        ),
        (
            f'<some iteratorVariable="i"><in>{literal("[1, x]")}</in><satisfies>{literal("i = 4")}</satisfies></some>',
            True,
        ),
        (
            f'<every iteratorVariable="i"><in>{literal("[1, x]")}</in><satisfies>{literal("i = 4")}</satisfies></every>',
            False,
        ),
        (f"<filter><in>{literal('[1, 5, 9]')}</in><match>{literal('item > x')}</match></filter>", [5, 9]),
        (
            (
                f'<invocation>{literal("f")}<binding><parameter name="b"/>{literal("x")}</binding>'
                f'<binding><parameter name="a"/>{literal("1")}</binding></invocation>'
            ),
            -3,
        ),
        (
            (
                f'<context><contextEntry><variable name="g"/><functionDefinition><formalParameter name="y" typeRef="number"/>'
                f"{literal('y + x')}</functionDefinition></contextEntry><contextEntry>{literal('[g(1), g(true)]')}</contextEntry></context>"
            ),
            [5, None],
        ),
        (literal("f(10, 1) + f(a: 1, b: 1)"), 9),
    ],
)
def test_boxed_expressions_are_what_their_text_would_be(logic: str, expected: Any) -> None:
    body = input_data("x", "number") + bkm("f", "a b", literal("a - b"))

    assert answer(body + decision("d", logic, needs=needs("input:x", "knowledge:f")), "d", {"x": 4}) == expected


def test_a_table_within_a_function_is_asked_each_time() -> None:
    body = bkm("band", "n", table(["n"], ["r"], [["< 5", '"low"'], [">= 5", '"high"']]))
    files = read(body + decision("d", literal("for i in [1, 9] return band(i)"), needs=needs("knowledge:band")))

    outcome = ask(files, "d")

    assert outcome.value == ["low", "high"]
    assert [[rule.rule for rule in told.matched] for told in outcome.tables] == [[1], [2]]


# -- types --------------------------------------------------------------------------------------------------------------

ITEMS = """
<itemDefinition name="tPlan"><itemComponent name="state"><typeRef>tState</typeRef></itemComponent>
  <itemComponent name="due"><typeRef>date</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tState"><typeRef>string</typeRef><allowedValues><text>"open", "done"</text></allowedValues></itemDefinition>
<itemDefinition name="tPlans" isCollection="true"><typeRef>tPlan</typeRef></itemDefinition>
<itemDefinition name="tFew" isCollection="true"><typeRef>number</typeRef><typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>
"""


@pytest.mark.parametrize(
    ("type_", "given_", "expected", "code"),
    [
        ("number", "1", None, "input_type"),
        ("number", [1], 1, None),
        ("date", "2025-01-31", dt.date(2025, 1, 31), None),
        ("date", "2025-13-31", None, "input_type"),
        ("date and time", dt.date(2025, 1, 31), dt.datetime(2025, 1, 31, tzinfo=dt.UTC), None),
        ("days and time duration", "P3D", dt.timedelta(days=3), None),
        ("days and time duration", "P3M", None, "input_type"),
        ("tState", "open", "open", None),
        ("tState", "shut", None, "input_value"),
        ("tState", None, None, None),
        ("tPlan", {"state": "shut", "due": "2025-01-31"}, None, "input_value"),
        ("tPlans", [{"state": "open", "due": "2025-01-31"}], [{"state": "open", "due": dt.date(2025, 1, 31)}], None),
        ("tFew", [1, 2], [1, 2], None),
        ("tFew", [1, 2, 3], None, "input_value"),
        ("list<number>", [1, "2"], None, "input_type"),
        ("feel:string", "a", "a", None),
    ],
)
def test_an_input_fits_its_declared_type_or_is_null(type_: str, given_: Any, expected: Any, code: str | None) -> None:
    files = read(
        ITEMS + input_data("x", type_.replace("<", "&lt;")) + decision("d", literal("x"), needs=needs("input:x"))
    )

    outcome = ask(files, "d", {"x": given_})

    assert files.problems == ()
    assert outcome.value == expected
    assert [failure.code for failure in outcome.failures] == ([code] if code else [])


def test_a_result_that_does_not_fit_the_type_of_its_variable_is_null() -> None:
    files = read(
        ITEMS + decision("d", literal('"shut"'), type_="tState") + decision("e", literal('"1"'), type_="number")
    )

    assert [ask(files, name).value for name in "de"] == [None, None]
    assert [ask(files, name).failures[0].code for name in "de"] == ["result_value", "result_type"]


def test_a_text_for_a_column_of_a_table_without_input_data_is_read_as_the_column_says() -> None:
    body = table(["due"], ["r"], [['< date("2025-06-01")', '"soon"']], policy="FIRST")
    body = body.replace("<inputExpression>", '<inputExpression typeRef="date">')

    assert answer(decision("d", body), "d", {"due": "2025-05-01"}) == "soon"


# -- services and imports -----------------------------------------------------------------------------------------------

SERVICE = (
    input_data("x", "number")
    + decision("base", literal("1"))
    + decision("sum", literal("x + base"), needs=needs("input:x", "decision:base"))
    + decision("twice", literal("sum * 2"), needs=needs("decision:sum"))
    + '<decisionService id="_s" name="s"><variable name="s"/><outputDecision href="#_twice"/>'
    '<encapsulatedDecision href="#_sum"/><inputDecision href="#_base"/><inputData href="#_x"/></decisionService>'
    '<decisionService id="_two" name="two"><outputDecision href="#_twice"/><outputDecision href="#_sum"/>'
    '<inputData href="#_x"/></decisionService>'
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s(10, 5)", 30),  # input data come first
        ("s(base: 5, x: 10)", 30),
        ("s(10)", None),
        ('s("a", 5)', None),
        ("two(10)", {"twice": 22, "sum": 11}),
        ("for i in 1..2 return s(i, i)", [4, 8]),
    ],
)
def test_a_service_is_a_function_of_its_inputs(text: str, expected: Any) -> None:
    assert answer(SERVICE + decision("d", literal(text), needs=needs("knowledge:s", "knowledge:two")), "d") == expected


def test_a_service_is_asked_by_name_with_its_inputs() -> None:
    assert ask(read(SERVICE), "s", {"x": 10, "base": 5}).value == 30


def test_what_is_imported_stands_under_the_name_of_the_import() -> None:
    other = dmn(
        ITEMS.replace("tState", "t-State")
        + bkm("f", "n", literal("n + 1"))
        + input_data("x", "number")
        + decision("a", literal("x * 2"), needs=needs("input:x")),
        namespace="https://example.org/b",
    )
    imported = '<import name="the-other" namespace="https://example.org/b" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
    body = (
        imported
        + decision(
            "d",
            literal("the-other.f(the-other.a)"),
            needs=needs("decision:https://example.org/b#_a", "knowledge:https://example.org/b#_f"),
            type_="number",
        )
        + decision("e", literal('"open"'), type_="the-other.t-State")
    )
    files = read(body, other)

    assert files.problems == ()
    assert ask(files, "d", {"x": 5}).value == 11
    assert ask(files, "d", {"the-other": {"x": 5}}).value == 11
    assert ask(files, "e").value == "open"


# -- refused ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (decision("a", T, needs=needs("decision:b")) + decision("b", T, needs=needs("decision:a")), "decision_cycle"),
        (bkm("f", "n", T, needs("knowledge:f")), "decision_cycle"),
        (
            decision("a", literal("s()"), needs=needs("knowledge:s"))
            + '<decisionService id="_s" name="s"><outputDecision href="#_a"/></decisionService>',
            "decision_cycle",
        ),
        (decision("a", T, needs=needs("decision:gone")), "decision_reference"),
        (input_data("x") + decision("a", T, needs=needs("decision:x")), "decision_reference"),
        (decision("a", T, type_="tGone"), "decision_type"),
        (decision("a", literal("1 +")), "decision_syntax"),
        (
            decision("a", T.replace("<lit", "<lit").replace("Expression>", 'Expression expressionLanguage="juel">', 1)),
            "decision_language",
        ),
        (decision("a", "<literalExpression/>"), "decision_expression"),
        (decision("a", ""), "decision_without_logic"),
        (decision("a", T) + decision("a", T).replace("_a", "_b"), "duplicate_decision"),
        (decision("a", T).replace('name="a"', 'name=""'), "decision_name"),
        (decision("a", T) + "<oracle/>", "decision_unread"),
        (decision("a", T + "<oracle/>"), "decision_unread"),
        (decision("a", "<list><oracle/></list>"), "decision_unread"),
        ('<decisionService id="_s" name="s"/>', "decision_service"),
        (
            '<import name="o" namespace="urn:gone" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>',
            "decision_import",
        ),
        ('<import name="o" namespace="urn:x" importType="http://www.w3.org/2001/XMLSchema"/>', "decision_import_kind"),
        (bkm("f", "n", "").replace("<encapsulatedLogic", '<encapsulatedLogic kind="Java"'), "decision_external"),
    ],
)
def test_what_cannot_be_decided_is_said_with_the_element(body: str, rule: str) -> None:
    files = read(body)

    assert [problem.rule for problem in files.problems] == [rule]
    assert all(problem.message and problem.remedy and problem.line for problem in files.problems)


def test_a_file_that_is_no_dmn_is_refused() -> None:
    assert rules_of(b"<definitions/>") == ["not_dmn"]
    assert rules_of(b"<!DOCTYPE d><definitions/>") == ["doctype"]
    assert rules_of(b"nothing") == ["malformed_xml"]


@given(st.binary(max_size=200), st.integers(0, 600), st.integers(0, 30))
def test_no_bytes_bring_more_than_problems(noise: bytes, at: int, cut: int) -> None:
    whole = dmn(SERVICE + decision("t", table(["x"], ["a"], [["> 1", "2"]])))

    files = read_decisions({"a.dmn": whole[:at] + noise + whole[at + cut :]}, Limits())

    assert files.problems or files.files
