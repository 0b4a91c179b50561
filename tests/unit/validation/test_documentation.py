"""The page for people says what the table says."""

from __future__ import annotations

from pathlib import Path

from engine.problems import Severity
from engine.validation import GATE_RULES
from engine.validation.support import as_markdown

PAGE = Path(__file__).resolve().parents[3] / "docs" / "bpmn-support.md"


def test_the_page_is_written_from_the_table():
    assert PAGE.read_text("utf-8") == as_markdown(), "write as_markdown() of engine/validation/support.py to the page"


def test_every_rule_says_what_is_wrong_and_what_to_do():
    for code, rule in GATE_RULES.items():
        assert code == rule.code
        assert code.isidentifier()
        assert rule.message.endswith((".", "}"))
        assert rule.remedy.endswith(".")
        assert rule.severity in Severity
