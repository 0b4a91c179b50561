"""What the database tells of its anchors, for the duty and the doctor."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine import UtcDateTime
from web.anchoring.models import AnchorDelivery

_LATEST = text("SELECT at FROM bpm_anchor ORDER BY sequence DESC LIMIT 1").columns(at=UtcDateTime())
_NUMBER = text("SELECT max(sequence) FROM bpm_anchor")
_NEW = text("SELECT id FROM bpm_process_instance WHERE NOT anchored LIMIT 1")


def latest_anchor_at(session: Session) -> dt.datetime | None:
    """Return when the last anchor was made."""
    found: dt.datetime | None = session.execute(_LATEST).scalar()
    return found


def latest_number(session: Session) -> int:
    """Return the number of the last anchor, 0 before there is one."""
    return int(session.execute(_NUMBER).scalar() or 0)


def is_anything_new(session: Session) -> bool:
    """Tell whether any chain has changed since it was anchored last."""
    return session.execute(_NEW).first() is not None


def undelivered(session: Session) -> int:
    """Return how many anchors the slowest channel still has to send."""
    delivered = session.scalars(select(AnchorDelivery.delivered)).all()
    return latest_number(session) - min(delivered) if delivered else 0
