"""The duty of making anchors: every worker may do it, one does."""

from __future__ import annotations

import datetime as dt
import logging

from sqlalchemy.orm import Session

from engine import SigningKey, UnitOfWork
from web.anchoring.latest import is_anything_new, latest_anchor_at

log = logging.getLogger(__name__)


class Anchoring:
    """Anchors the chains that have changed, so many minutes after the last anchor at the earliest."""

    def __init__(self, key: SigningKey, *, every: dt.timedelta) -> None:
        self._key = key
        self._every = every

    def earliest(self, session: Session) -> dt.datetime | None:
        """Return the moment of the next anchor; None when there is nothing to anchor."""
        if not is_anything_new(session):
            return None
        latest = latest_anchor_at(session)
        return dt.datetime.min.replace(tzinfo=dt.UTC) if latest is None else latest + self._every

    def run(self, uow: UnitOfWork) -> int:
        """Make one anchor; another one follows at once where there are more chains than one holds."""
        due = self.earliest(uow.session)
        if due is None or due > uow.now:
            return 0
        while (signed := uow.anchors.take(self._key)) is not None:
            anchor = signed.anchor
            log.info("anchor_made", extra={"sequence": anchor.sequence, "count": len(anchor.chains)})
            if anchor.complete:
                break
        return 1
