"""Whole numbers among the settings of a diagram."""

from __future__ import annotations

from engine.bpmn.model import Expression


def is_whole_number(expression: Expression, lowest: int, highest: int | None = None) -> bool:
    """Tell whether a literal is a whole number in a range; FEEL is not looked into."""
    if expression.is_feel:
        return True
    text = expression.text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - no larger number makes sense
        return False
    return lowest <= int(text) and (highest is None or int(text) <= highest)
