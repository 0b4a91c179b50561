"""What FEEL raises: nothing but these."""

from __future__ import annotations

from typing_extensions import override


class FeelError(Exception):
    """An expression cannot be read, or passes a limit; what DMN answers with null is null and no error."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class FeelSyntaxError(FeelError):
    """A text is no FEEL; `position` counts characters from 1."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position

    @override
    def __str__(self) -> str:
        return f"{self.message} (at position {self.position})"


class LimitReached(FeelError):
    """An expression does more, or makes more, than an expression may."""


class AssertionFailed(FeelError):
    """An `assert` in the expression does not hold."""
