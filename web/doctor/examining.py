"""Looks at everything, one thing after the other; what goes wrong in looking is a finding, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from flask_babel import lazy_gettext as _l

from web.config import Settings
from web.doctor import database, machine
from web.doctor.findings import Finding, failing

_MACHINE: Final[tuple[Callable[[Settings], Finding], ...]] = (
    machine.secret_key,
    machine.pages,
    machine.data_dir,
    machine.disk,
    machine.mail,
    machine.virus_scanner,
    machine.anchors_key,
)


def examine(settings: Settings) -> Iterator[Finding]:
    """Look over an installation."""
    yield from database.look(settings)
    for look in _MACHINE:
        try:
            yield look(settings)
        except OSError as error:
            yield failing(look.__name__, _l("This could not be looked at."), kind=type(error).__name__)
