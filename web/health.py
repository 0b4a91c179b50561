"""`/healthz`: whether people can work, for load balancers; and whether what falls due is done, for monitoring."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, jsonify, request

from engine import DatabaseUnavailable
from web.access import public
from web.composition import reading
from web.errors import RETRY_AFTER
from web.operations.life_signs import LATE_AFTER, latest_sign

blueprint = Blueprint("health", __name__)
_SILENT: Final = "worker_silent"


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """Answer 200 while the database can be read, else 503 with the reason; nothing about anybody.

    A silent worker hinders nobody who is at work, so that it makes the answer `degraded` only; monitoring asks
    `/healthz?worker=required`, which answers 503 then.
    """
    try:
        with reading() as read:
            seen, now = latest_sign(read.session), read.now
    except DatabaseUnavailable as error:
        return _answer({"status": "unavailable", "reason": f"database_{error.facts.get('reason', 'unreachable')}"})
    age = None if seen is None else max(0, round((now - seen).total_seconds()))
    alive = age is not None and age <= LATE_AFTER.total_seconds()
    told: dict[str, object] = {
        "status": "ok",
        "database": "ok",
        "worker": {"heartbeat_age_seconds": age, "alive": alive},
    }
    if not alive:
        told |= {"status": "degraded", "reason": _SILENT}
        if request.args.get("worker") == "required":
            told["status"] = "unavailable"
    return _answer(told)


def _answer(told: dict[str, object]) -> Response:
    answer = jsonify(told)
    if told["status"] == "unavailable":
        answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        answer.headers["Retry-After"] = RETRY_AFTER
    return answer
