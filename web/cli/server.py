"""gunicorn with our application: every process opens its own engine, so that no connection is shared by a fork."""

from __future__ import annotations

import ctypes
import os
import select
import socket
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker
from typing_extensions import override

from web.cli.leaving import leave
from web.config import Settings

if TYPE_CHECKING:
    from engine import ProcessEngine

_LONGEST_REQUEST = 120  # seconds; gunicorn ends a process that hangs for longer
_LONGEST_GOODBYE = 8  # seconds that requests in hand have when the server is stopped
_SO_ATTACH_FILTER = 26  # Linux; Python does not name it
_UNDER_WAY = 0.2  # seconds that it takes to let in who is at the door


class ServerLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Hands gunicorn's lines to the log of the product; requests are logged by the application itself."""

    @override
    def setup(self, cfg: Any) -> None:
        self.error_log.propagate = True
        self.error_log.handlers = []
        self.access_log.disabled = True


class ServerProcess(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A process that loses nobody when it is stopped.

    gunicorn leaves connections that wait at the door to be cut off when the door closes. Here whoever has come that far
    is let in, and then the door is closed at once: who comes later is refused, and asks another server.
    """

    @override
    def run(self) -> None:
        super().run()
        self.wsgi.extensions["saanphaen"].engine.close()  # SQLite's journal is written back by who goes last
        leave()

    @override
    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for door in self.sockets:
            while door.fileno() >= 0 and select.select([door], [], [], 0)[0]:
                self.accept(door)
            door.close()


def _signs_of_life() -> str | None:
    """Return where each process shows with every request that it lives: in memory, for a disk may be slow or full."""
    memory = "/dev/shm"  # noqa: S108 - gunicorn makes a file of its own there, without a name
    return memory if os.access(memory, os.W_OK) else None


class Overseer(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """Watches over the processes; before they are told to stop nobody new is greeted.

    A caller whose greeting is answered just as the door closes would be cut off. One whose greeting is not answered
    knocks again after a second, and is refused, or is let in by whoever serves there by then.
    """

    @override
    def stop(self, graceful: bool = True) -> None:
        # A door that somebody handed over, or that a newer server shares, is not ours to close.
        is_ours = not (self.reexec_pid or self.master_pid or any(place.startswith("fd://") for place in self.cfg.bind))
        if graceful and is_ours and ignore_greetings([door.sock for door in self.LISTENERS]):
            time.sleep(_UNDER_WAY)
        super().stop(graceful)


def ignore_greetings(doors: Sequence[socket.socket]) -> bool:
    """Let listening sockets answer no new callers, while those who are being let in come in; Linux only."""
    if sys.platform != "linux" or not doors:
        return False
    # Of a segment: load the byte with the flags; where SYN is set, drop it, else take it whole.
    steps = ((0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0x40000))
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    given = struct.pack("HL", len(steps), ctypes.addressof(program))
    for door in doors:
        if door.family in {socket.AF_INET, socket.AF_INET6}:
            with suppress(OSError):
                door.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, given)
    return True


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """The application as gunicorn runs it."""

    def __init__(self, settings: Settings, *, workers: int, threads: int, door: int | None) -> None:
        self._settings = settings
        self._door = door
        self._workers = workers
        self._threads = threads
        super().__init__()

    @override
    def load_config(self) -> None:
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        address = f"{host}:{self._settings.port}" if self._door is None else f"fd://{self._door}"
        for name, value in {
            "bind": address,
            "workers": self._workers,
            "threads": self._threads,
            "worker_class": ServerProcess,
            "timeout": _LONGEST_REQUEST,
            "graceful_timeout": _LONGEST_GOODBYE,
            "keepalive": 5,
            "worker_tmp_dir": _signs_of_life(),
            "logger_class": ServerLogger,
            "loglevel": self._settings.log_level.lower(),
            "proc_name": "saanphaen",
            "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)

    @override
    def run(self) -> None:
        Overseer(self).run()

    @override
    def load(self) -> Flask:
        return make_application(self._settings)


def make_application(settings: Settings) -> Flask:
    """Open the engine of the installation and make the application on it.

    Raises:
        DatabaseUnavailable: The database does not answer, or is of another revision.
        DemoRefused: Demo mode on a database that the demo did not make.
        AssetsMissing: The front end has not been built.
    """
    from web import create_app
    from web.assets import manifest
    from web.directory import OrganizationDirectory
    from workflows.install import open_engine

    manifest()
    engine = open_engine(settings.database_url)
    if settings.demo:
        _refuse_real_work(engine)
    return create_app(settings, engine=engine, people=OrganizationDirectory())


def serve(settings: Settings, *, workers: int, threads: int, door: int | None = None) -> None:
    """Serve until a signal ends it; what would stop every process is told before the first one starts.

    A socket that listens already is used as the `door`, by its number.
    """
    from web.databases import make_folder

    make_folder(settings.database_url)
    make_application(settings).extensions["saanphaen"].engine.close()
    try:
        Server(settings, workers=workers, threads=threads, door=door).run()
    except SystemExit as end:
        if end.code:
            raise
        leave()


def _refuse_real_work(engine: ProcessEngine) -> None:
    from workflows.demo import DemoRefused, is_demo

    if not is_demo(engine):
        raise DemoRefused
