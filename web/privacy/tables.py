"""All tables of the product at hand, whichever room they belong to."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Table

from engine import Base
from web.accounts import models as accounts
from web.operations import models as operations
from web.privacy import models as privacy
from web.tasks import models as tasks
from workflows.calendar import models as calendar
from workflows.clocks import models as clocks
from workflows.notifications import models as notifications
from workflows.organization import models as organization
from workflows.plans import models as plans

ROOMS: Final = (accounts, operations, privacy, tasks, calendar, clocks, notifications, organization, plans)
"""The modules whose import registers the tables."""


def table(name: str) -> Table:
    """Return a table by its name."""
    return Base.metadata.tables[name]
