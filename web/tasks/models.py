"""What people have typed and not yet sent (web_task_draft)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine import Base, UtcDateTime


class TaskDraft(Base):
    """The draft of a task's form, one for each task: it stays with the task when that is handed over.

    `previous` is what another window or person had saved when this one was saved over it; so nothing is lost.
    """

    __tablename__ = "web_task_draft"

    task_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer())
    typed: Mapped[str] = mapped_column(Text())  # JSON: input name → texts
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime())
    previous: Mapped[str | None] = mapped_column(Text())
