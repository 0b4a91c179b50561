"""How much one expression may ask for; whoever needs more needs a service task."""

from __future__ import annotations

from typing import Final

MAX_TEXT: Final = 20_000  # characters of an expression
MAX_DEPTH: Final = 50  # brackets, functions and conditions within each other
MAX_CHAIN: Final = 100  # steps of one path: a.b[1].c …
MAX_STEPS: Final = 500_000  # items visited, functions called, steps of a regular expression: within a second
TEXT_A_STEP: Final = 64  # characters that count as one step, or as one value
MAX_STRING: Final = 1_000_000  # characters of a text that an expression makes
MAX_RESULT: Final = 1_000_000  # values within a result
MAX_NESTING: Final = 100  # lists and contexts within each other in a result
MAX_NAME_TOKENS: Final = 12  # words and signs of a name such as `pre-bureau risk category`
CACHED: Final = 4_096  # expressions kept compiled
LONG_TEXT: Final = 1_000  # characters; of longer expressions fewer are kept
LONG_CACHED: Final = 64
