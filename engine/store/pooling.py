"""PostgreSQL behind a pool that hands connections out by the transaction (pgbouncer): nothing may outlive one."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.engine import URL

from engine.errors import InvalidArgument

_PARAMETER: Final = "pooler"
_BY_TRANSACTION: Final = "transaction"


def read_pooling(url: URL) -> tuple[URL, dict[str, Any]]:
    """Return a url as the driver takes it, and the options of its connections.

    `?pooler=transaction` in a url says that it leads to such a pool: then no statement is prepared on the server, and
    no option is given at the start that a pool cannot pass on. Moments come in any zone and are read as UTC.

    Raises:
        InvalidArgument: `pooler` says something else.
    """
    said = url.query.get(_PARAMETER)
    if said is None:
        return url, {"options": "-c timezone=UTC"}
    if said != _BY_TRANSACTION:
        raise InvalidArgument(f"Expected pooler=transaction in the url, but it says pooler={said}.")
    return url.difference_update_query([_PARAMETER]), {"prepare_threshold": None}


def is_pooled(url: URL) -> bool:
    """Tell whether a url leads to a pool instead of the server itself."""
    return _PARAMETER in url.query
