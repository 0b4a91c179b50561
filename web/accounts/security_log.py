"""What happened to accounts, one line an event: who by opaque ids, from where by a keyed hash, never what was typed."""

from __future__ import annotations

import hmac
from typing import Any, Final

import structlog
from flask import request

from web.composition import composition

log = structlog.get_logger("web.security")
_SHOWN: Final = 16


def note(event: str, **facts: Any) -> None:
    """Write an event; `source` tells lines from one address apart from others without naming it."""
    log.info(event, source=_source(), **facts)


def warn(event: str, **facts: Any) -> None:
    """Write an event that somebody may want to look at."""
    log.warning(event, source=_source(), **facts)


def _source() -> str:
    key = f"source of {composition().settings.secret_key}".encode()
    return hmac.new(key, (request.remote_addr or "").encode(), "sha256").hexdigest()[:_SHOWN]
