"""Where the parts meet: the engine with what the domain plugs into it, and the units of work that views open."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from flask import Flask, current_app, g
from flask_login import current_user

from engine import Actor, ConcurrentUpdate, EngineError, ProcessEngine, UnitOfWork
from web.config import Settings
from web.log_setup import note_instances
from web.panels import Panels
from web.people import Directory
from workflows.files.kinds import chosen_kinds
from workflows.files.limits import Limits
from workflows.files.scanning import scanner_at
from workflows.files.store import DirectoryStore

EXTENSION = "saanphaen"
_HANDED_ON = "saanphaen_reading"
Result = TypeVar("Result")
Reading: TypeAlias = UnitOfWork  # the same services; a reading can change nothing


@dataclass(frozen=True, slots=True)
class Composition:
    """The parts of one application."""

    settings: Settings
    engine: ProcessEngine
    directory: Directory
    files: DirectoryStore
    panels: Panels = field(default_factory=Panels)


def compose(app: Flask, settings: Settings, engine: ProcessEngine, people: Directory) -> Composition:
    """Give an application its parts."""
    parts = Composition(settings, engine, people, file_store(settings))
    app.extensions[EXTENSION] = parts
    app.teardown_request(_close_handed_on)
    return parts


def file_store(settings: Settings) -> DirectoryStore:
    """Return where uploaded files are kept: outside of everything that is served."""
    return DirectoryStore(
        settings.data_dir / "files",
        limits=Limits(file_bytes=min(settings.file_limit, settings.upload_limit)),
        kinds=chosen_kinds(settings.upload_types),
        scanner=scanner_at(settings.virus_scanner),
    )


def composition() -> Composition:
    """Return the parts of the present application."""
    parts: Composition = current_app.extensions[EXTENSION]
    return parts


def directory() -> Directory:
    """Return who knows the people."""
    return composition().directory


@contextmanager
def unit_of_work(actor: Actor | None = None, *, idempotency_key: str | None = None) -> Iterator[UnitOfWork]:
    """Open a transaction in the name of the signed-in person (or of `actor`); it is committed on leaving."""
    actor = actor or current_user.actor
    _close_handed_on()
    with composition().engine.unit_of_work(actor, idempotency_key=idempotency_key) as uow:
        try:
            yield uow
        finally:
            note_instances(uow.locked)


@contextmanager
def reading(*, hand_on: bool = False) -> Iterator[Reading]:
    """Open a reading: the same services, nothing can be changed.

    Args:
        hand_on: Leave it open for the next reading of this request, which saves the database a transaction; whatever
            writes closes it first, and so does the end of the request.
    """
    opened: AbstractContextManager[Reading]
    read: Reading
    opened, read = g.pop(_HANDED_ON, None) or _opened()
    try:
        yield read
    except BaseException:
        if not opened.__exit__(*sys.exc_info()):
            raise
    else:
        if hand_on:
            setattr(g, _HANDED_ON, (opened, read))
        else:
            opened.__exit__(None, None, None)


def _opened() -> tuple[AbstractContextManager[Reading], Reading]:
    opened = composition().engine.reading()
    return opened, opened.__enter__()


def _close_handed_on(_error: BaseException | None = None) -> None:
    opened, _read = g.pop(_HANDED_ON, None) or (None, None)
    if opened is not None:
        with suppress(EngineError):  # it has answered; that the database went away is found by whoever asks next
            opened.__exit__(None, None, None)


def transact(
    act: Callable[[UnitOfWork], Result], *, actor: Actor | None = None, idempotency_key: str | None = None
) -> Result:
    """Do an act in one transaction of the signed-in person (or of `actor`); a race lost in the database is run again.

    Raises:
        ConcurrentUpdate: It was lost several times.
    """
    attempts = composition().engine.config.attempts
    while True:
        attempts -= 1
        try:
            with unit_of_work(actor, idempotency_key=idempotency_key) as uow:
                return act(uow)
        except ConcurrentUpdate:
            if attempts <= 0:
                raise


def evaluate(text: str, scope: Mapping[str, object]) -> object:
    """Evaluate a FEEL expression of a form; one that fails answers None, as the language's null."""
    try:
        return composition().engine.evaluate(text, scope)
    except EngineError:
        return None
