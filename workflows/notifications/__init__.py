"""What a person is told in the application: written once in the transaction that is its reason, read by the pages.

`notify(session, notices, now=)` tells; `unread_count`, `page`, `mark_read` and `mark_all_read` are for the bell. The
facts of a message stand at `MessageKind`; its words are the pages' own.
"""

from __future__ import annotations

from workflows.notifications.kinds import MessageKind
from workflows.notifications.messages import (
    Message,
    Notice,
    mark_all_read,
    mark_read,
    notify,
    page,
    unread_count,
)

__all__ = ["Message", "MessageKind", "Notice", "mark_all_read", "mark_read", "notify", "page", "unread_count"]
