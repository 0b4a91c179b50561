"""Hostile expressions: every text ends, soon, with a value or a FeelError."""

from __future__ import annotations

import datetime as dt
import threading
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import codec
from engine.errors import InvalidVariables
from engine.feel import FeelError, FeelSyntaxError, LimitReached, compile_expression, compile_unary_tests, environment
from engine.feel.builtins import BUILTINS
from engine.feel.limits import MAX_TEXT
from tests.unit.feel.evaluation import BANGKOK, NOW, evaluate, over

DEEP = [
    "(" * 5000 + "1" + ")" * 5000,
    "[" * 5000 + "]" * 5000,
    "{a:" * 3000,
    "-" * 5000 + "1",
    "if a then " * 1000,
    "1 in (" * 1000,
    "[1.." * 1000,
    "function(a) " * 1000 + "a",
    "a" + ".b" * 5000,
    "a" + "[1]" * 3000,
    "for a in " * 1000,
    "a instance of " + "list<" * 1000,
    "1 = " * 3000 + "1",
    "not(" * 2000,
]


@pytest.mark.parametrize("text", DEEP, ids=[text[:12] for text in DEEP])
def test_nesting_has_an_end(text: str) -> None:
    with pytest.raises(FeelSyntaxError):
        compile_expression(text)


LONG = [
    (" + ".join(["1"] * 4000), 4000),
    (" and ".join(["true"] * 2000), True),
    ("if false then 0 else " * 500 + "7", 7),
    ("[" + ",".join("1" * 5000) + "][-1]", 1),
    ('"' + "ก" * (MAX_TEXT - 20) + '" = ""', False),
]


@pytest.mark.parametrize(("text", "expected"), LONG, ids=["sum", "and", "else if", "list", "string"])
def test_what_is_long_but_flat_is_evaluated(text: str, expected: object) -> None:
    assert evaluate(text) == expected


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(FeelSyntaxError):
        compile_expression("1" + " " * MAX_TEXT)


GREEDY = [
    "for i in 1..1000000000000 return i",
    "for i in 1..2000, j in 1..2000 return i * j",
    "count(for i in [1..1e30] return i)",
    "some i in 1..1e20 satisfies i < 0",
    "for i in 1..1000000 return partial",
    "for i in 1..1000 return [partial, partial]",
    "{f: function(n) f(n + 1), x: f(1)}.x",
    "{f: function(n) if n = 0 then 0 else f(n - 1) + f(n - 1), x: f(40)}.x",
    '{a: "xxxxxxxxxx", b: for i in 1..30 return if i = 1 then a else partial[-1] + partial[-1]}',
    'for i in 1..2000000 return big + "x"',
    'replace(big, "x", big)',
    "string join(for i in 1..1000 return big)",
    "for i in 1..1000 return big",
    'matches(big, "(x*)*(x*)*y")',
    r'matches(big, "(x+)\1\1y")',
    "distinct values(for i in 1..5000 return [i])",
    "{" + "a0: [1, 1], " + ", ".join(f"a{n}: [a{n - 1}, a{n - 1}]" for n in range(1, 40)) + "}",
    "string({" + "a0: [1, 1], " + ", ".join(f"a{n}: [a{n - 1}, a{n - 1}]" for n in range(1, 40)) + "})",
    "flatten({" + "a0: [1, 1], " + ", ".join(f"a{n}: [a{n - 1}, a{n - 1}]" for n in range(1, 40)) + "}.a39)",
    "{" + "a0: [1, 1], " + ", ".join(f"a{n}: [a{n - 1}, a{n - 1}]" for n in range(1, 40)) + ", x: a39 = a39}",
    "for i in 1..300 return if i = 1 then [] else [partial[-1]]",
]


@pytest.mark.parametrize("text", GREEDY, ids=[text[:40] for text in GREEDY])
def test_whoever_asks_for_too_much_is_stopped(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "MAX_STEPS", 100_000)  # a fifth, so that the test is quick

    with pytest.raises(LimitReached):
        evaluate(text, big="x" * 100_000)


def test_the_limit_is_reached_within_seconds() -> None:
    before = time.process_time()

    with pytest.raises(LimitReached):
        evaluate("for i in 1..1000000000000 return i")

    assert time.process_time() - before < 20


def test_numbers_do_not_grow_without_end() -> None:
    assert evaluate("9999999999 ** 99999999") is None
    assert evaluate("string(huge)", huge=Decimal("1e999999")) is None
    assert evaluate("for i in 1..200 return if i = 1 then 10 else partial[-1] * partial[-1]")[-1] is None
    with pytest.raises(FeelSyntaxError):
        compile_expression("1e999999999")


PIECES = st.sampled_from(
    [
        "1",
        "0.5",
        "a",
        "ก ข",
        "null",
        "true",
        '"x"',
        '@"2025-01-01"',
        '@"P1D"',
        '@"P1Y"',
        '@"10:00:00Z"',
        "[1..3]",
        "(< 5)",
    ]
    + [
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        ":",
        ",",
        ".",
        "..",
        "+",
        "-",
        "*",
        "/",
        "**",
        "=",
        "!=",
        "<",
        ">=",
        " and ",
        " or ",
    ]
    + [" in ", " between ", "if ", " then ", " else ", "for i in ", " return ", "some i in ", " satisfies ", "not("]
    + [
        "function(p) ",
        " instance of ",
        "number",
        "list<",
        ">",
        "item",
        "?",
        "partial",
        "`",
        "'",
        "\\",
        "//",
        "/*",
        "@",
        '"',
    ]
    + [f"{name}(" for name in BUILTINS]
)
VARIABLES: dict[str, Any] = {
    "a": [1, {"b": Decimal("0.10")}, None],
    "ก ข": {"ก": dt.date(9999, 12, 31)},
    "nan": float("nan"),
    "?": 3,
}


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=30))
@example('for i in @"0001-01-01"..@"9999-12-31" return i - @"P1D"')
@example('-@"-P999999999D"')
@example('@"0001-01-01T00:00:00+14:00" = @"0001-01-01T00:00:00@Asia/Bangkok"')
@example("stddev(nan, 1)")
def test_any_text_gives_a_value_or_a_feel_error(text: str) -> None:
    for compile_ in (compile_expression, compile_unary_tests):
        try:
            value = compile_(text).evaluate(VARIABLES, now=NOW, zone=BANGKOK)
            codec.dumps(value)
        except (FeelError, InvalidVariables):
            pass


@pytest.mark.parametrize("values", [[1, 2.5, "ก"], [True, None, {"a": 1}], [dt.date(2025, 1, 1), dt.timedelta(1)]])
def test_what_can_be_stored_goes_through_storage_unchanged(values: list[Any]) -> None:
    made = evaluate("{all: for v in values return v, first: values[1]}", values=values)

    assert codec.loads(codec.dumps(made)) == made


def test_several_threads_share_a_compiled_expression() -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(300):
            variables = {"n-1": number} if turn % 2 else {"n": number + 1}
            if over("n-1 + 0", variables) != number:
                wrong.append(variables)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_a_range_of_lists_that_hold_each_other_is_too_large() -> None:
    doubled = "for i in 1..22 return if i = 1 then [1] else [partial[-1], partial[-1]]"

    with pytest.raises(LimitReached):
        evaluate(f"[1..({doubled})]")
