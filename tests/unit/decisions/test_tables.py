"""Decision tables: every hit policy, with one and several outputs, with and without a rule that matches."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.decisions.models import answer, ask, decision, read, rules_of, table

RULES = [["< 10", '"low"'], ["[5..20]", '"middle"'], ["> 15", '"high"'], ["> 100", '"high"']]
VALUES = 'band|"high","middle","low"'


@pytest.mark.parametrize(
    ("policy", "attributes", "x", "expected"),
    [
        ("UNIQUE", "", 3, "low"),
        ("UNIQUE", "", 7, None),  # two match
        ("UNIQUE", "", None, None),
        ("FIRST", "", 7, "low"),
        ("FIRST", "", None, None),
        ("ANY", "", 200, "high"),
        ("ANY", "", 7, None),  # they disagree
        ("PRIORITY", "", 7, "middle"),
        ("PRIORITY", "", 17, "high"),
        ("COLLECT", "", 7, ["low", "middle"]),
        ("COLLECT", "", None, []),
        ("RULE ORDER", "", 17, ["middle", "high"]),
        ("OUTPUT ORDER", "", 7, ["middle", "low"]),
        ("OUTPUT ORDER", "", None, []),
        ("COLLECT", 'aggregation="COUNT"', 7, 2),
        ("COLLECT", 'aggregation="COUNT"', None, 0),
        ("COLLECT", 'aggregation="MIN"', 7, "low"),
        ("COLLECT", 'aggregation="MAX"', 7, "middle"),
        ("COLLECT", 'aggregation="MAX"', None, None),
    ],
)
def test_a_hit_policy_says_what_comes_of_the_rules_that_match(
    policy: str, attributes: str, x: Any, expected: Any
) -> None:
    body = decision("d", table(["x"], [VALUES], RULES, policy=policy, attributes=attributes))

    assert answer(body, "d", {"x": x}) == expected


def test_a_sum_is_of_the_outputs_of_all_rules_that_match() -> None:
    rules = [["> 1", "1.5"], ["> 2", "2"], ["> 100", "1000"]]

    body = decision("d", table(["x"], ["points"], rules, policy="COLLECT", attributes='aggregation="SUM"'))

    assert answer(body, "d", {"x": 5}) == Decimal("3.5")


def test_several_outputs_are_a_context_and_the_first_output_decides_the_order() -> None:
    outputs = ['grade|"A","B"', "points|3,2,1"]
    rules = [["-", '"B"', "3"], ["-", '"A"', "1"], ["> 5", '"A"', "2"]]

    def ordered(policy: str) -> Any:
        return answer(decision("d", table(["x"], outputs, rules, policy=policy)), "d", {"x": 7})

    assert ordered("PRIORITY") == {"grade": "A", "points": 2}
    assert ordered("OUTPUT ORDER") == [
        {"grade": "A", "points": 2},
        {"grade": "A", "points": 1},
        {"grade": "B", "points": 3},
    ]


@pytest.mark.parametrize("policy", ["UNIQUE", "COLLECT", "RULE ORDER"])
def test_the_default_output_counts_where_no_rule_matches(policy: str) -> None:
    one = decision("d", table(["x"], ['band||"none"'], RULES, policy=policy))
    two = decision("d", table(["x"], ['band||"none"', "rest"], [["> 5", '"a"', "1"]], policy=policy))

    assert answer(one, "d", {"x": None}) == "none"
    assert answer(two, "d", {"x": 1}) == {"band": "none", "rest": None}


def test_an_empty_cell_matches_anything_and_a_cell_may_speak_of_other_names() -> None:
    body = decision("d", table(["x", "y"], ["r"], [["", "> x", '"more"'], ["-", "? <= x", '"not more"']]))

    assert answer(body, "d", {"x": 1, "y": 2}) == "more"
    assert answer(body, "d", {"x": 2, "y": 2}) == "not more"


def test_what_the_table_did_is_told_rule_by_rule() -> None:
    rule = (
        '<rule id="r2"><inputEntry><text>> 1</text></inputEntry><outputEntry><text>"b"</text></outputEntry>'
        "<annotationEntry><text>because</text></annotationEntry></rule>"
    )
    body = table(["x + 1"], ["r"], [["&lt; 0", '"a"']]).replace("</decisionTable>", f"{rule}</decisionTable>")

    outcome = ask(read(decision("d", body.replace("&amp;lt;", "&lt;"))), "d", {"x": 4})

    (told,) = outcome.tables
    assert (told.element_id, told.name, told.hit_policy) == ("table", "d", "UNIQUE")
    assert told.inputs == (("x + 1", 5),)
    assert [(rule.rule, rule.id, dict(rule.outputs), rule.annotations) for rule in told.matched] == [
        (2, "r2", {"r": "b"}, ("because",))
    ]
    assert told.result == outcome.value == "b"
    assert outcome.failures == ()


@pytest.mark.parametrize(
    ("body", "x", "code"),
    [
        (table(["x"], ["r"], RULES), 7, "hit_policy"),
        (table(["x"], ["r"], RULES, policy="ANY"), 7, "hit_policy"),
        (table(["x"], ['r|"a","b"'], [["-", '"c"']]), 7, "table_output"),
        (
            table(["x"], ["r"], RULES).replace("<inputExpression>", '<inputExpression typeRef="number">'),
            "a",
            "table_input",
        ),
        (
            table(["x"], ["r"], RULES).replace("</input>", "<inputValues><text>[0..5]</text></inputValues></input>"),
            7,
            "table_input",
        ),
    ],
)
def test_a_null_that_should_be_none_is_told_besides(body: str, x: Any, code: str) -> None:
    outcome = ask(read(decision("d", body)), "d", {"x": x})

    assert outcome.value is None
    assert [failure.code for failure in outcome.failures] == [code]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (table(["x"], ["r"], RULES, policy="SOME"), "decision_hit_policy"),
        (
            table(["x"], ["a", "b"], [["-", "1", "2"]], policy="COLLECT", attributes='aggregation="SUM"'),
            "decision_hit_policy",
        ),
        (table(["x"], ["r"], RULES, policy="PRIORITY"), "decision_output_values"),
        (table(["x"], ["a", ""], [["-", "1", "2"]]), "decision_output_name"),
        (table(["x"], ["a"], [["-"]]), "decision_entries"),
        (table(["x"], ["a"], [["5 +", "1"]]), "decision_syntax"),
        (table([""], ["a"], [["-", "1"]]), "decision_expression"),
        (table(["x"], [], []), "decision_expression"),
    ],
)
def test_a_table_that_means_nothing_is_refused(body: str, rule: str) -> None:
    assert rules_of(decision("d", body)) == [rule]
