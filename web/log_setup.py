"""Structured logs: one JSON object a line, static event names, a request id, no names, nothing that was typed."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request

from web.config import Settings

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
log = structlog.get_logger("web")


def configure_logging(settings: Settings) -> None:
    """Set the process's logging; called by the command line, not by create_app, so that tests keep their own.

    What the engine and libraries say through `logging` comes out in the same form.
    """
    renderer: structlog.types.Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if settings.log_format == "text":
        # Plain tracebacks: the pretty ones show local values, and those hold secrets and what people typed.
        plain = structlog.dev.plain_traceback
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending: list[structlog.types.Processor] = [renderer]
    if settings.log_format == "json":
        ending.insert(0, structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    foreign = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(foreign)
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    # Their own book-keeping says nothing that the engine does not say better.
    for library in ("apscheduler", "alembic"):
        logging.getLogger(library).setLevel(logging.WARNING)


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
        )
    return response
