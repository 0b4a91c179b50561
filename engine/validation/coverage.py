"""Whether conditions leave a case out: not where one is plainly the opposite of another, else perhaps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from engine.bpmn.model import Expression

_COMPARISON: Final = re.compile(r"([^<>=!\"()]+?)\s*(<=|>=|!=|=|<|>)\s*([^<>=!()]+)")
_OPPOSITE: Final = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "=": "!=", "!=": "="}
_JOINED: Final = re.compile(r"\b(and|or|between|in|if)\b")


def covers_all(conditions: Iterable[Expression | None]) -> bool:
    """Tell whether one of these conditions always holds, as far as their texts show it."""
    texts = {" ".join(each.text.split()) for each in conditions if each is not None and each.is_feel}
    return "true" in texts or any(_opposites(text) & texts for text in texts)


def _opposites(text: str) -> set[str]:
    """Return how the opposite of a condition may be written."""
    found = {f"not({text})", f"not( {text} )"}
    if text.startswith("not(") and text.endswith(")"):
        found.add(text[4:-1].strip())
    comparison = _COMPARISON.fullmatch(text)
    if comparison is not None and not _JOINED.search(text):
        left, sign, right = (part.strip() for part in comparison.groups())
        found.add(f"{left} {_OPPOSITE[sign]} {right}")
        if right in ("true", "false"):
            found.add(f"{left} {sign} {'false' if right == 'true' else 'true'}")
    return found
