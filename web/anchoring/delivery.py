"""Brings anchors out of reach of whoever could change the database: into a folder, by mail; after their transaction."""

from __future__ import annotations

import datetime as dt
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import or_, select, update

from engine import ProcessEngine, SignedAnchor, file_name
from web.anchoring.latest import latest_number
from web.anchoring.models import AnchorDelivery
from web.config import Settings
from web.mail import Attachment, MailUnavailable, read_address, send

log = logging.getLogger(__name__)

_CLAIM: Final = dt.timedelta(minutes=5)  # also the pause after a failure
_AT_ONCE: Final = 20
Deliver = Callable[[SignedAnchor], object]


class Deliveries:
    """Called after every beat of a worker; sends in a thread of its own what has not been sent yet."""

    def __init__(self, engine: ProcessEngine, settings: Settings) -> None:
        self._engine = engine
        self._channels: dict[str, Deliver] = {}
        if settings.audit_export_dir is not None:
            folder = settings.audit_export_dir
            self._channels["folder"] = lambda signed: write_anchor(folder, signed)
        if settings.audit_mail_to:
            self._channels["mail"] = lambda signed: mail_anchor(settings, signed)
        self._busy = threading.Lock()

    def __call__(self, _now: dt.datetime) -> None:
        """Begin to send, unless it is being done."""
        if self._channels and not self._busy.locked():
            threading.Thread(target=self.send, daemon=True).start()

    def send(self) -> int:
        """Send all that has not been sent; return how many anchors left."""
        with self._busy:
            return sum(self._send_by(channel, deliver) for channel, deliver in self._channels.items())

    def _send_by(self, channel: str, deliver: Deliver) -> int:
        sent = 0
        try:
            while (claimed := self._claim(channel)) is not None:
                for signed in claimed:
                    deliver(signed)
                    self._note(channel, signed.anchor.sequence, last=signed is claimed[-1])
                    sent += 1
        except (OSError, MailUnavailable) as error:
            log.warning("anchor_not_sent", extra={"channel": channel, "kind": type(error).__name__})
        except Exception as error:  # whatever it is, the worker goes on, and tries again
            log.warning("anchor_not_sent", extra={"channel": channel}, exc_info=error)
        return sent

    def _claim(self, channel: str) -> list[SignedAnchor] | None:
        """Take the next anchors for a while; None when there are none, or another worker sends them."""
        with self._engine.reading() as read:
            known = read.session.get(AnchorDelivery, channel)
            if known is not None and known.delivered >= latest_number(read.session):
                return None
        with self._engine.unit_of_work() as uow:
            known = uow.session.get(AnchorDelivery, channel)
            if known is None:
                # A folder gets all of them; a mailbox is not flooded with those of years.
                begun = 0 if channel == "folder" else max(0, latest_number(uow.session) - 1)
                uow.session.add(AnchorDelivery(channel=channel, delivered=begun))
                uow.session.flush()
            mine = uow.session.execute(
                update(AnchorDelivery)
                .where(
                    AnchorDelivery.channel == channel,
                    or_(AnchorDelivery.claimed_until.is_(None), AnchorDelivery.claimed_until < uow.now),
                )
                .values(claimed_until=uow.now + _CLAIM)
            )
            if mine.rowcount != 1:  # type: ignore[attr-defined]  # of an UPDATE there is one
                return None
            after = uow.session.scalars(select(AnchorDelivery.delivered).where(AnchorDelivery.channel == channel)).one()
            found = uow.anchors.find(after=after, limit=_AT_ONCE)
        if not found:
            self._note(channel, after, last=True)
            return None
        return found

    def _note(self, channel: str, sequence: int, *, last: bool) -> None:
        """Remember what has left; after the last one others may send."""
        with self._engine.unit_of_work() as uow:
            values: dict[str, object] = {"delivered": sequence, **({"claimed_until": None} if last else {})}
            uow.session.execute(update(AnchorDelivery).where(AnchorDelivery.channel == channel).values(**values))


def write_anchor(folder: Path, signed: SignedAnchor) -> Path:
    """Write an anchor into a folder, whole or not at all; what is there already is the same."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(signed)
    if not path.exists():
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        try:
            with partial.open("wb") as file:
                file.write(signed.text)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
        finally:
            partial.unlink(missing_ok=True)
    return path


def mail_anchor(settings: Settings, signed: SignedAnchor) -> None:
    """Send an anchor as a file; its number and hash stand in the message too, for whoever prints it."""
    anchor = signed.anchor
    send(
        read_address(settings.smtp_url),
        sender=settings.mail_from,
        receivers=settings.audit_mail_to,
        subject=f"Saanphaen audit anchor {anchor.sequence} / หลักยึดประวัติการดำเนินการลำดับที่ {anchor.sequence}",
        text=(
            "โปรดเก็บอีเมลนี้ไว้ ใช้ตรวจสอบได้ว่าประวัติการดำเนินการไม่ถูกแก้ไขย้อนหลัง\n"
            "Keep this message: by it can be shown that the history was not rewritten.\n\n"
            f"anchor   {anchor.sequence}\nat       {anchor.at.isoformat()}\nkey      {anchor.key}\n"
            f"sha256   {signed.hash}\nprevious {anchor.previous}\n"
        ),
        attachments=[Attachment(file_name(signed), signed.text)],
    )
