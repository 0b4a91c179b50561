"""Structured logs: one JSON object a line, static event names, a request id, no names, nothing that was typed.

An exception is written as its kinds and frames. What it says is left out: it may quote values, and those are people's.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from typing import TextIO

import structlog
from flask import Flask, Response, g, has_request_context, request

from web.config import Settings

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_MOST_INSTANCES = 20
log = structlog.get_logger("web")


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Set the process's logging; called by the command line, not by create_app, so that tests keep their own.

    What the engine and libraries say through `logging` comes out in the same form. It goes to standard error, or into
    a stream.
    """
    target = stream or sys.stderr
    renderer: structlog.types.Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if settings.log_format == "text":
        plain = structlog.dev.plain_traceback  # ours is made before; the pretty one would show local values
        renderer = structlog.dev.ConsoleRenderer(colors=target.isatty(), exception_formatter=plain)
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        _who,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending: list[structlog.types.Processor] = [_in_one_line, structlog.processors.ExceptionRenderer(_frames), renderer]
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level]),
        logger_factory=structlog.PrintLoggerFactory(target),
    )
    foreign = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(foreign)
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    # Their own book-keeping says nothing that the engine does not say better, and SQLAlchemy's shows rows.
    for library in ("apscheduler", "alembic", "sqlalchemy"):
        logging.getLogger(library).setLevel(logging.WARNING)


def _frames(exc_info: structlog.typing.ExcInfo) -> str:
    """Write an exception, and those that led to it, as kinds and frames, the innermost last."""
    _kind, error, _trace = exc_info
    return "\n".join(line for one in reversed(list(_causes(error))) for line in _lines(one))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _lines(error: BaseException) -> Iterator[str]:
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"


def _who(_logger: object, _name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Add the account that asks, as its number: who that is stands in the database only."""
    if has_request_context():
        account = getattr(g.get("_login_user"), "account_id", None)
        if account is not None:
            event.setdefault("actor", account)
    return event


def _in_one_line(_logger: object, _name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Write control characters as what they are, so that nothing that was sent can begin a line of its own."""
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[key] = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in value)
    return event


def note_instances(ids: Iterable[int]) -> None:
    """Remember which process instances this request has worked on, for its line in the log."""
    if has_request_context():
        g.instances = [*g.get("instances", ()), *(one for one in ids if one not in g.get("instances", ()))]


def follow_requests(app: Flask) -> None:
    """Give each request an id and write one line about it."""
    app.before_request(_open)
    app.after_request(_close)


def _open() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _close(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "-")
    if request.endpoint not in {"static", "health.healthz"}:
        milliseconds = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
        log.info(
            "request_served",
            method=request.method,
            endpoint=request.endpoint,
            status=response.status_code,
            ms=milliseconds,
            **({"instances": g.instances[:_MOST_INSTANCES]} if g.get("instances") else {}),
        )
    return response
