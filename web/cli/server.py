"""gunicorn with our application: every process opens its own engine, so that no connection is shared by a fork."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from typing_extensions import override

from web.config import Settings

if TYPE_CHECKING:
    from engine import ProcessEngine

_LONGEST_REQUEST = 120  # seconds; gunicorn ends a process that hangs for longer
_LONGEST_GOODBYE = 30


class ServerLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Hands gunicorn's lines to the log of the product; requests are logged by the application itself."""

    @override
    def setup(self, cfg: Any) -> None:
        self.error_log.propagate = True
        self.error_log.handlers = []
        self.access_log.disabled = True


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """The application as gunicorn runs it."""

    def __init__(self, settings: Settings, *, workers: int, threads: int, socket: int | None) -> None:
        self._settings = settings
        self._socket = socket
        self._workers = workers
        self._threads = threads
        super().__init__()

    @override
    def load_config(self) -> None:
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        address = f"{host}:{self._settings.port}" if self._socket is None else f"fd://{self._socket}"
        for name, value in {
            "bind": address,
            "workers": self._workers,
            "threads": self._threads,
            "worker_class": "gthread",
            "timeout": _LONGEST_REQUEST,
            "graceful_timeout": _LONGEST_GOODBYE,
            "keepalive": 5,
            "logger_class": ServerLogger,
            "loglevel": self._settings.log_level.lower(),
            "proc_name": "saanphaen",
            "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)

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


def serve(settings: Settings, *, workers: int, threads: int, socket: int | None = None) -> None:
    """Serve until a signal ends it; what would stop every process is told before the first one starts.

    A `socket` that listens already is used as it is, by its number.
    """
    from web.databases import make_folder

    make_folder(settings.database_url)
    make_application(settings).extensions["saanphaen"].engine.close()
    Server(settings, workers=workers, threads=threads, socket=socket).run()


def _refuse_real_work(engine: ProcessEngine) -> None:
    from workflows.demo import DemoRefused, is_demo

    if not is_demo(engine):
        raise DemoRefused
