"""`saanphaen demo`: the product with demo data, its pages and its worker, until Ctrl-C."""

from __future__ import annotations

import dataclasses
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

import click

from web.cli.output import progress, say

if TYPE_CHECKING:
    from web.config import Settings

_PATIENCE: Final = 60.0  # seconds until the pages must answer
_GOODBYE: Final = 20.0  # seconds that the parts have to end by themselves
_PULSE: Final = 0.2
_BACKLOG: Final = 64
_HALF_DONE: Final = ".loading"


@click.command("demo", short_help="Serve the product with demo data and its worker.")
@click.option("--port", type=click.IntRange(0, 65535), help="Where to serve; 0 takes a free one. [default: 8000]")
@click.option("--fresh", is_flag=True, help="Throw the demo's database away first and make it anew.")
def command(*, port: int | None, fresh: bool) -> None:
    """Serve the product with demo data on this machine, with its worker; Ctrl-C stops both.

    The first start fills a database of its own (SAANPHAEN_DATA_DIR/demo.db, unless a database is named by
    SAANPHAEN_DATABASE_URL or DATABASE_URL); later starts use it. A database that the demo did not make is refused.
    """
    from web.databases import make_folder

    wanted = _settings(port)
    with _listening(wanted.host, wanted.port) as listener:
        settings = dataclasses.replace(wanted, port=int(listener.getsockname()[1]))
        make_folder(settings.database_url)
        _fill(settings, fresh=fresh)
        _run(settings, listener)


def _settings(port: int | None) -> Settings:
    """Return the settings of the environment in demo mode."""
    from web.cli.opening import read_settings

    given = read_settings()
    url = given.database_url
    if "SAANPHAEN_DATABASE_URL" not in os.environ and not os.environ.get("DATABASE_URL"):
        url = f"sqlite:///{given.data_dir / 'demo.db'}"
    wanted = dataclasses.replace(given, demo=True, database_url=url, port=given.port if port is None else port)
    return wanted.checked()


def _listening(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done, so that nobody else can; the pages get it handed over."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise click.ClickException(
            f"Expected port {port} of {host} to be free, but: {error.strerror}. "
            "Choose another one: PORT=8080 make run, or saanphaen demo --port 8080."
        ) from error
    return listener


def _fill(settings: Settings, *, fresh: bool) -> None:
    """Load the demo data where they are not there yet, whole or not at all."""
    from web.databases import sqlite_file

    path = sqlite_file(settings.database_url)
    if fresh:
        _throw_away(settings, path)
    if path is None or path.exists():
        _load(settings, settings.database_url)
        return
    # Made beside its place and then moved there: an interrupted loading leaves nothing that looks complete.
    loading = path.with_name(path.name + _HALF_DONE)
    _remove(loading)
    _load(settings, f"sqlite:///{loading}")
    loading.replace(path)


def _load(settings: Settings, url: str) -> None:
    from engine import SystemClock
    from web.demo_accounts import create_demo_accounts
    from workflows import demo
    from workflows.files.store import DirectoryStore
    from workflows.install import open_engine

    store = DirectoryStore(settings.data_dir / "files")
    with progress("Loading demo data") as tell:
        demo.load(url, now=SystemClock().now(), store=store, progress=tell)
    engine = open_engine(url, migrate=True, deploy=True)
    try:
        create_demo_accounts(engine)
    finally:
        engine.close()


def _throw_away(settings: Settings, path: Path | None) -> None:
    from workflows.demo import DemoRefused, is_demo
    from workflows.install import open_engine

    if path is None:
        raise click.ClickException(
            "Expected a SQLite file for --fresh, but the database is on a server; empty it there."
        )
    if not path.exists():
        return
    engine = open_engine(settings.database_url, migrate=True)
    try:
        if not is_demo(engine):
            raise DemoRefused
    finally:
        engine.close()
    _remove(path)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _run(settings: Settings, listener: socket.socket) -> None:
    """Serve and work in two processes of their own until a signal, or until one of them ends by itself."""
    asked = _Asked()
    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    number = listener.fileno()
    parts = {
        "worker": _start(settings, "worker"),
        "serve": _start(settings, "serve", "--socket", str(number), hands_over=number),
    }
    told = False
    try:
        deadline = time.monotonic() + _PATIENCE
        while not asked.to_stop:
            ended = [name for name, process in parts.items() if process.poll() is not None]
            if ended:
                raise click.ClickException(f"Expected both parts to go on, but `saanphaen {ended[0]}` has ended.")
            if not told and _answers(settings):
                told = True
                say(f"Saanphaen is ready: {_address(settings)} (Ctrl-C stops it)")
                sys.stdout.flush()
            if not told and time.monotonic() > deadline:
                raise click.ClickException(f"Expected the pages to answer within {_PATIENCE:.0f} s, but they do not.")
            time.sleep(_PULSE)
    finally:
        _stop(list(parts.values()))


class _Asked:
    """Remembers that a signal asked to stop."""

    to_stop = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        self.to_stop = True


def _start(settings: Settings, *command: str, hands_over: int | None = None) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "SAANPHAEN_DEMO": "1",
        "SAANPHAEN_DATABASE_URL": settings.database_url,
        "SAANPHAEN_PORT": str(settings.port),
        "SAANPHAEN_WORKERS": "1",
        "SAANPHAEN_LOG_LEVEL": os.environ.get("SAANPHAEN_LOG_LEVEL", "WARNING"),
        "SAANPHAEN_LOG_FORMAT": os.environ.get("SAANPHAEN_LOG_FORMAT", "text"),
    }
    # Its standard input closes when this process ends, however that is: then the part ends too.
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "web.cli", *command, "--with-parent"],
        stdin=subprocess.PIPE,
        env=environment,
        pass_fds=() if hands_over is None else (hands_over,),
    )


def _stop(parts: list[subprocess.Popen[bytes]]) -> None:
    for process in parts:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + _GOODBYE
    for process in parts:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(settings: Settings) -> bool:
    asking = http.client.HTTPConnection(settings.host, settings.port, timeout=1)
    try:
        asking.request("GET", "/healthz")
        return asking.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"
