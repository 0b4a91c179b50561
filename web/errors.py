"""Every error as a page in words: what happened, what is safe, what to do; never a traceback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from engine import (
    DatabaseUnavailable,
    DeploymentRejected,
    EngineError,
    ExpressionError,
    InvalidArgument,
    InvalidVariables,
    LimitExceeded,
    NotAuthorized,
    NotFound,
    StateConflict,
    StateUnreadable,
)
from web.formatting import file_size
from workflows.errors import DomainError

log = structlog.get_logger("web")
RETRY_AFTER = "10"
MOST_DISCARDED = 256 * 1024 * 1024  # bytes of a request that is too large
PROBLEM = "X-Saanphaen-Problem"  # read by sessions.js
_NOT_KEPT = frozenset({"accounts", "own_sessions", "own_password", "own_factor"})


@dataclass(frozen=True, slots=True)
class ErrorText:
    """The three sentences of an error page."""

    happened: LazyString
    safe: LazyString
    todo: LazyString


_NOTHING_CHANGED = _l("Nothing was changed.")
TEXTS: dict[int, ErrorText] = {
    400: ErrorText(
        _l("The request could not be understood."),
        _NOTHING_CHANGED,
        _l("Go back, load the page again and repeat the last step."),
    ),
    401: ErrorText(
        _l("Your session has ended."),
        _l("What you typed is still in this window."),
        _l("Sign in again in another window, then come back here: saving goes on by itself."),
    ),
    403: ErrorText(
        _l("In your present capacity you may not do this."),
        _NOTHING_CHANGED,
        _l("If you hold another position, switch to it at the top of the page; else ask the head of your unit."),
    ),
    404: ErrorText(
        _l("There is no such page, or it does not belong to your unit."),
        _NOTHING_CHANGED,
        _l("Check the address, or find the work in your list or by search."),
    ),
    405: ErrorText(
        _l("This address does not take that kind of request."),
        _NOTHING_CHANGED,
        _l("Go back to your work and try again."),
    ),
    409: ErrorText(
        _l("Somebody was faster: what you saw has changed meanwhile."),
        _l("What the other person did is kept, and your draft is kept too."),
        _l("Open the page again, look at the change and decide anew."),
    ),
    413: ErrorText(
        _l("What you sent is larger than allowed."),
        _l("Nothing was changed; drafts that were saved are kept."),
        _l("Send a smaller file, or several small ones one after the other."),
    ),
    422: ErrorText(
        _l("Some of what you entered cannot be used as it is."),
        _l("Nothing was changed; your draft is kept."),
        _l("Go back, mend the marked entries and send again."),
    ),
    429: ErrorText(
        _l("There were too many attempts in a short time."),
        _NOTHING_CHANGED,
        _l("Wait a quarter of an hour and try again."),
    ),
    500: ErrorText(
        _l("Something went wrong on our side."),
        _l("Your last step was not carried out; everything before it is kept."),
        _l("Try once more. If it happens again, tell the administrator the reference below."),
    ),
    503: ErrorText(
        _l("The database does not answer at the moment."),
        _l("Your last step was not carried out; everything before it is kept."),
        _l("Wait a moment and send again; what you typed stays in this window."),
    ),
}
UNREADABLE_TEXT = ErrorText(
    _l("A later version of Saanphaen has saved this."),
    _NOTHING_CHANGED,
    _l("Tell the administrator that the later version must be started again; everything else goes on."),
)
# Why nothing can be written now, where the database says so.
DATABASE_TEXTS: dict[str, ErrorText] = {
    "disk_full": ErrorText(
        _l("The disk on which the work is kept is full."),
        TEXTS[503].safe,
        _l("Tell the administrator, then send again: what you typed stays in this window. Reading is still possible."),
    ),
    "read_only": ErrorText(
        _l("The work can be read at the moment, but nothing can be written."),
        TEXTS[503].safe,
        _l("Tell the administrator, then send again: what you typed stays in this window."),
    ),
}
CSRF_TEXT = ErrorText(
    _l("This page was open too long, or you signed in again in another window."),
    _l("Nothing was changed; drafts that were saved are kept."),
    _l("Go back, load the page again and send once more."),
)
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (DatabaseUnavailable, 503),
    (NotFound, 404),
    (NotAuthorized, 403),
    (StateConflict, 409),
    (LimitExceeded, 413),
    (InvalidVariables, 422),
    (InvalidArgument, 422),
    (ExpressionError, 422),
    (DeploymentRejected, 422),
)
_DENIED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
DOMAIN_STATUS = {"not_authorized": 403, "conflict": 409, "edition_frozen": 409, "plan_closed": 409}


def status_of(error: Exception) -> int:
    """Return the HTTP status of an error of the engine or the domain."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status
    if isinstance(error, DomainError):
        return 404 if error.code.endswith("not_found") else DOMAIN_STATUS.get(error.code, 422)
    return 500


def install_errors(app: Flask) -> None:
    """Answer every error by its page."""
    app.register_error_handler(EngineError, _on_rejection)
    app.register_error_handler(DomainError, _on_rejection)
    app.register_error_handler(DBAPIError, _on_database)
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(Exception, _on_accident)


def _on_rejection(error: Exception) -> Response:
    status = status_of(error)
    reason = str(error.facts.get("reason", "")) if isinstance(error, DatabaseUnavailable) else ""
    told = {"code": getattr(error, "code", ""), "status": status, "kind": type(error).__name__}
    if reason:
        log.warning("database_unavailable", reason=reason, **told)
    elif status in _DENIED:  # what is another's is answered, and told here, as what does not exist
        log.warning("access_denied", endpoint=request.endpoint, **told)
    else:
        log.info("command_rejected", **told)
    return error_page(status, UNREADABLE_TEXT if isinstance(error, StateUnreadable) else DATABASE_TEXTS.get(reason))


def _on_database(error: DBAPIError) -> Response:
    is_away = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    if not is_away and not isinstance(error, IntegrityError):
        return _on_accident(error)  # a statement of ours is wrong: no waiting mends that
    log.error("database_failed", kind=type(error).__name__, disconnected=error.connection_invalidated)
    return error_page(503 if is_away else 409)


def _on_csrf(error: CSRFError) -> Response:
    log.info("csrf_rejected", reason=error.description)
    answer = error_page(400, CSRF_TEXT)
    answer.headers[PROBLEM] = "session"
    return answer


def _on_http(error: HTTPException) -> Response:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        answer = error.get_response()
        return Response(answer.get_data(), answer.status_code, answer.headers)
    if error.code in _DENIED and request.endpoint is not None:
        log.warning("access_denied", endpoint=request.endpoint, status=error.code)
    if error.code == HTTPStatus.UNAUTHORIZED:
        answer = error_page(401, kept=_kept())
        answer.headers[PROBLEM] = "session"
        return answer
    return error_page(error.code, _too_large() if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else None)


def _kept() -> list[tuple[str, str]] | None:
    """Return what was typed into a form that came after its session had ended: the answer offers to send it again.

    It is our own form, as its token says, which was compared before. Passwords and codes are not kept.
    """
    if request.method != "POST" or request.headers.get("HX-Request") or request.blueprint in _NOT_KEPT:
        return None
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]


def _too_large() -> ErrorText:
    """Return the words with the limit, after the rest of the request was read.

    A browser that is still sending would show a broken line instead of the page.
    """
    words, limit = TEXTS[HTTPStatus.REQUEST_ENTITY_TOO_LARGE], request.max_content_length
    if limit is None or (request.content_length or 0) <= limit:
        return words  # something else was too large, and all of it was read
    left = min(request.content_length or 0, MOST_DISCARDED)
    stream = request.environ["wsgi.input"]
    while left > 0 and (chunk := stream.read(min(left, 1024 * 1024))):
        left -= len(chunk)
    told = _l("What you sent is larger than allowed: at most %(size)s at once.", size=file_size(limit))
    return ErrorText(told, words.safe, words.todo)


def _on_accident(error: Exception) -> Response:
    if isinstance(error, InternalServerError):
        return error_page(500)
    log.error("request_failed", endpoint=request.endpoint, kind=type(error).__name__, exc_info=error)
    return error_page(500)


def error_page(
    status: int, text: ErrorText | None = None, *, kept: Sequence[tuple[str, str]] | None = None
) -> Response:
    """Return the page of an error; it reads no database, since that may be what is gone.

    `kept` are the entries of a form that can be sent again once its person has signed in.
    """
    words = text or TEXTS.get(status, TEXTS[400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500])
    reference = g.get("request_id", "-")
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        problem = {"type": "about:blank", "status": status, "title": str(words.happened), "detail": str(words.todo)}
        answer = make_response({**problem, "reference": reference}, status)
        answer.mimetype = "application/problem+json"
    else:
        page = _rendered(
            "error.html",
            words=words,
            status=status,
            reference=reference,
            kept=kept,
            files=len(request.files) if kept else 0,
        )
        answer = make_response(page, status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _rendered(template: str, *, words: ErrorText, reference: str, **values: object) -> str:
    """Render the page of an error; when even that fails, its sentences without any frame."""
    try:
        return render_template(template, words=words, reference=reference, **values)
    except Exception:  # the last resort: behind it there is only the bare page of the server, in English
        log.exception("error_page_failed")
    lines = "".join(f"<p>{escape(line)}</p>" for line in (words.safe, words.todo, reference))
    title = escape(words.happened)
    return f'<!DOCTYPE html><html lang="th"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1>{lines}</html>'
