"""The one tree of errors of the domain: an act that may not happen, told so that a person can mend it."""

from __future__ import annotations

from typing import ClassVar


class DomainError(Exception):
    """The domain rejected the act; nothing has changed."""

    code: ClassVar[str] = "domain_error"

    def __init__(self, message: str | None = None, **facts: object) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.facts = facts
        super().__init__(self.message)
