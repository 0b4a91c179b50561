"""The workers' signs of life (web_worker): where none is fresh, nothing that falls due is done."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base, UtcDateTime


class WorkerSign(Base):
    """One worker process; rows of those that have gone are taken away after a day."""

    __tablename__ = "web_worker"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)  # host and process
    started_at: Mapped[dt.datetime] = mapped_column(UtcDateTime())
    seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime())
