"""Where the checks of one file put what they find."""

from __future__ import annotations

from engine.bpmn.model import Element, Process, SequenceFlow
from engine.problems import Problem, Rule


class Report:
    """Collects the problems of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def __call__(self, rule: Rule, at: Element | SequenceFlow | Process, **facts: object) -> None:
        """Note a problem at an element, flow or process."""
        problem = rule.problem(element_id=at.id or None, file=self.file, line=at.line, **facts)
        self.problems.append(problem)
