"""Every list has an end: pages and their longest length."""

from __future__ import annotations

from engine.errors import InvalidArgument
from engine.execution.transaction import Transaction


def bounded(tx: Transaction, limit: int) -> int:
    """Return the length of a page within the engine's limit.

    Raises:
        InvalidArgument: The length is not positive.
    """
    if limit < 1:
        raise InvalidArgument(f"Expected a page of at least one, but got {limit}.")
    return min(limit, tx.config.page_limit)
