"""What is written means what the grammar of DMN 1.5 says; what is no FEEL is refused with its place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.feel import FeelSyntaxError, compile_expression
from tests.unit.feel.evaluation import evaluate, same

VALUES = [
    # literals
    ("1", 1),
    ("-1", -1),
    ("1.50", Decimal("1.50")),
    (".5", Decimal("0.5")),
    ("1.2e3", Decimal("1.2e3")),
    ("true", True),
    ("null", None),
    ('"แผนพัฒนา"', "แผนพัฒนา"),
    (r'"a\"b\\c\n"', 'a"b\\c\n'),
    (r'"\u0E01\U01F40E"', "ก🐎"),
    (r'"\uD83D\uDE00"', "😀"),
    ('"two\nlines"', "two\nlines"),
    # precedence, from tight to loose
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("10 - 4 - 3", 3),
    ("24 / 4 / 2", 3),
    ("2 ** 3 * 2", 16),
    ("-2 ** 2", 4),
    ("2 * -3", -6),
    ("--2", 2),
    ("1 + 1 = 2 and 2 < 3", True),
    ("true or false and false", True),
    ("(true or false) and false", False),
    ("2 between 1 and 3 and true", True),
    ("1 + 2 instance of number", None),  # 1 + (2 instance of number)
    ("[1, 2][1] + 1", 2),
    ("{a: {b: 5}}.a.b", 5),
    # comments and white space
    ("1 /* one */ + // and\n 2", 3),
    ("1\u00a0+\u30002", 3),
    # conditions
    ('if 1 > 2 then "a" else if 2 > 1 then "b" else "c"', "b"),
    ("if null then 1 else 2", 2),
    ('if "x" then 1 else 2', None),
    # functions
    ("(function(a, b) a - b)(5, 3)", 2),
    ("(function(a, b) a - b)(b: 5, a: 3)", -2),
    ("(function(a) a)(1, 2)", None),
    ("(function(a: number) a)(true)", None),
    ("(function(a: number) a)([7])", 7),
    ("{make: function(x) function(y) x + y, add five: make(5), seven: add five(2)}.seven", 7),
    ('(function(x) external {java: {class: "a"}})(1)', None),
    ('substring(string: "foobar", start position: 3)', "obar"),
    ('substring(string: "foobar", wrong: 3)', None),
    ("nothing(1)", None),
    ("5(1)", None),
    # boxes
    ("[]", []),
    ("{}", {}),
    ('{"a b": 1, ก: 2, c-d: 3}', {"a b": 1, "ก": 2, "c-d": 3}),
    ("{a: 1, b: a + 1, c: b + 1}.c", 3),
    ("{a: 1, a: 2}", None),
    ("[[1, 2], [3]][2][1]", 3),
]


@pytest.mark.parametrize(("text", "expected"), VALUES, ids=[text for text, _ in VALUES])
def test_an_expression_has_its_value(text: str, expected: object) -> None:
    assert same(evaluate(text), expected)


WRONG = [
    ("", 1),
    ("1 +", 4),
    ("(1", 3),
    ("[1, 2", 6),
    ("{a 1}", 2),
    ("{1: 2}", 2),
    ("1 2", 3),
    ('"abc', 1),
    ("a = = 1", 5),
    ("if a then 1", 12),
    ("for x return x", 5),
    ("some x in a", 12),
    ("a #", 3),
    ("f(a: 1, 2)", 10),
    ('@"nothing"', 2),
    ("@5", 2),
    ("`a", 1),
    ("a instance of", 14),
    (r'"\uD83D"', 2),
    ("a.", 3),
    ("1 /* open", 3),
    ("and", 1),
    ("]1..2", 6),
]


@pytest.mark.parametrize(("text", "position"), WRONG, ids=[text or "nothing" for text, _ in WRONG])
def test_what_is_no_feel_is_refused_with_its_place(text: str, position: int) -> None:
    with pytest.raises(FeelSyntaxError) as wrong:
        compile_expression(text)

    assert wrong.value.position == position
    assert wrong.value.message.startswith("Expected ")


READ = [
    ("plan.outcome = x", {"plan", "x"}),
    ("{a: 1, b: a + c}", {"c"}),
    ("for x in xs, y in x return x + y + z", {"xs", "z"}),
    ("count(plans[item.late])", {"plans"}),
    ("(function(a) a + b)(c)", {"b", "c"}),
    ("some p in plans satisfies p = q", {"plans", "q"}),
    ("ยอด รวม + 1", {"ยอด รวม"}),
    ("5 in (? > limit)", {"limit"}),
]


@pytest.mark.parametrize(("text", "names"), READ, ids=[text for text, _ in READ])
def test_an_expression_tells_what_it_reads(text: str, names: set[str]) -> None:
    assert compile_expression(text).names == names


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("cuont(plans) = 0", {"cuont"}),
        ("count(plans) = 0", set()),
        ("is defined(plans)", set()),
        ("(function(f) f(1))(double)", set()),
        ("for x in xs return {g: function(y) y, z: g(x)}.z + h(x)", {"h"}),
    ],
)
def test_an_expression_tells_which_functions_nobody_defines(text: str, unknown: set[str]) -> None:
    assert compile_expression(text).unknown_functions == unknown


def test_an_expression_is_compiled_once() -> None:
    assert compile_expression("once + 1") is compile_expression("once + 1")
