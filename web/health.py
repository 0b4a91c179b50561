"""`/healthz`: answers when the database answers; for load balancers and monitoring."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy import text

from web.access import public
from web.composition import reading

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> dict[str, str]:
    """Answer 200 when the database can be read, else the error page's 503."""
    with reading() as read:
        read.session.execute(text("SELECT 1"))
    return {"status": "ok"}
