"""`${…}` and `#{…}`: values and conditions become FEEL that means the same, whatever calls Java is refused with its reason."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.juel import Untranslatable, to_feel
from engine.feel import compile_expression
from engine.validation import validate
from tests.support.bpmn_xml import bpmn_file, flow, line

NOW = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)


def evaluate(text: str, **variables: Any) -> object:
    return compile_expression(to_feel(text)).evaluate(variables, now=NOW, zone=dt.UTC)


@pytest.mark.parametrize(
    ("juel", "feel"),
    [
        ("${amount > 1000}", "amount > 1000"),
        ("${!approved}", "not(approved)"),
        ("#{a && b || c == 'x'}", 'a and b or c = "x"'),
        ("${ order.total ge 10.50 }", "order.total >= 10.50"),
        ("${a eq 1 and b ne 2 or not c}", "a = 1 and b != 2 or not(c)"),
        ("${a ? 'x' : b}", 'if a then "x" else b'),
        ("${7 % 4 mod 2}", "modulo(modulo(7, 4), 2)"),
        ("${rows[0].name}", "rows[1].name"),
        ("${form['given name']}", 'get value(form, "given name")'),
        ("${(a ? 1 : 2) + 1}", "(if a then 1 else 2) + 1"),
        ("${a == b == c}", "(a = b) = c"),
        ("Plan of ${name}!", '"Plan of " + string(name) + "!"'),
        (r"\${name} is ${name}", '"${name} is " + string(name)'),
        ("${nrOfCompletedInstances / nrOfInstances >= 0.5}", "numberOfCompletedInstances / numberOfInstances >= 0.5"),
        ("${loopCounter * 2}", "(loopCounter - 1) * 2"),
        ("${'a \"b\" \\'c\\' }'}", '"a \\"b\\" \'c\' }"'),
        ("${not empty list}", 'not(list contains([null, "", [], {}], list))'),
    ],
)
def test_simple_expressions_are_translated(juel: str, feel: str):
    assert to_feel(juel) == feel
    compile_expression(feel)


@pytest.mark.parametrize(
    ("juel", "reason"),
    [
        ("${service.doIt(execution)}", "calls"),
        ("${now()}", "calls"),
        ("${fn:length(x)}", "calls"),
        ("${a ? b : c.d()}", "calls"),
        ("${execution.processInstanceId}", "object"),
        ("${task.assignee == 'x'}", "object"),
        ("${for > 1}", "name"),
        ("${a[i]}", "simple"),
        ("${", "simple"),
        ("${}", "simple"),
        ("${a b}", "simple"),
        ("${a = 1}", "simple"),
        ("${a -> b}", "simple"),
        ("${" + "(" * 500 + "a" + ")" * 500 + "}", "simple"),
        ("${" + "a + " * 10_000 + "a}", "simple"),
    ],
)
def test_what_has_no_equal_is_refused_with_its_reason(juel: str, reason: str):
    with pytest.raises(Untranslatable) as refused:
        to_feel(juel)

    assert reason in refused.value.reason


def test_empty_means_null_and_nothing_in_it():
    assert [evaluate("${empty x}", x=x) for x in (None, "", [], {}, "a", [0], {"a": 1}, 0, False)] == [True] * 4 + [
        False
    ] * 5


NUMBERS = st.integers(-20, 20)


def binary(inner: st.SearchStrategy[tuple[str, Any]], *signs: tuple[str, Callable[[Any, Any], Any]]):
    return st.tuples(inner, st.sampled_from(signs), inner).map(
        lambda t: (f"({t[0][0]} {t[1][0]} {t[2][0]})", t[1][1](t[0][1], t[2][1]))
    )


numbers = st.recursive(
    NUMBERS.map(lambda n: (str(n), n)) | st.just(("n", 7)) | st.just(("o.m", 3)),
    lambda inner: binary(inner, ("+", int.__add__), ("-", int.__sub__), ("*", int.__mul__)),
    max_leaves=6,
)
comparisons = binary(
    numbers,
    ("<", lambda a, b: a < b),
    ("le", lambda a, b: a <= b),
    ("==", lambda a, b: a == b),
    ("ne", lambda a, b: a != b),
    ("gt", lambda a, b: a > b),
    (">=", lambda a, b: a >= b),
)
conditions = st.recursive(
    comparisons | st.just(("yes", True)) | st.just(("false", False)),
    lambda inner: (
        binary(inner, ("&&", lambda a, b: a and b), ("or", lambda a, b: a or b))
        | inner.map(lambda t: (f"!{t[0]}", not t[1]))
        | st.tuples(inner, inner, inner).map(
            lambda t: (f"({t[0][0]} ? {t[1][0]} : {t[2][0]})", t[1][1] if t[0][1] else t[2][1])
        )
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(conditions)
def test_the_translation_has_the_value_of_the_original(condition: tuple[str, bool]):
    text, expected = condition

    assert evaluate(f"${{{text}}}", n=7, o={"m": 3}, yes=True) is expected


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="${}#()[]ab.1'\" +-!&|=<>?:%\\,", max_size=30))
def test_any_text_is_translated_or_refused(text: str):
    with contextlib.suppress(Untranslatable):
        assert to_feel(f"${{{text}}}")


def test_the_gate_shows_both_texts_and_the_diagram_is_deployable():
    data = bpmn_file(
        '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="g" default="g_b"/><bpmn:task id="a"/><bpmn:task id="b"/>'
        + line("s", "g")
        + flow("g", "a", "${amount &gt; 1000 &amp;&amp; !urgent}")
        + flow("g", "b")
    )

    result = validate({"a.bpmn": data})

    assert result.deployable
    (told,) = result.problems
    assert (told.rule, told.element_id) == ("expression_translated", "g_a")
    assert "`${amount > 1000 && !urgent}`" in told.message
    assert "`= amount > 1000 and not(urgent)`" in told.message
