"""A server in processes of its own, as an installation has it, on a loopback port; and a browser that speaks to it."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import psutil
from typing_extensions import override

if TYPE_CHECKING:
    from werkzeug.test import Client

HOST: Final = "127.0.0.1"
_PATIENCE: Final = 60.0
_GOODBYE: Final = 35.0
_BACKLOG: Final = 64
_SECRET: Final = "k" * 48  # of a database that is thrown away
_TOKEN: Final = re.compile(r'name="csrf-token" content="([^"]*)"')


Sent = tuple[int, bytes, str, list[str]]
"""Status, content, where to go, cookies."""


class NotServed(Exception):
    """Expected a server that answers, but there is none; or an answer of another kind."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers: its port, and its processes."""

    port: int
    pids: tuple[int, ...]

    def cpu(self) -> int:
        """Return the nanoseconds of processor time that its processes have used."""
        return sum(_cpu_of(pid) for pid in self.pids)


def _cpu_of(pid: int) -> int:
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)  # on Linux the clock of another process: clock_getcpuclockid(3)
    except OSError:
        used = psutil.Process(pid).cpu_times()
        return int((used.user + used.system) * 1e9)


@contextmanager
def product(url: str, *, processes: int, threads: int = 8) -> Iterator[Server]:
    """Run `saanphaen serve` on a database."""
    with tempfile.TemporaryDirectory(prefix="saanphaen-bench-") as folder:
        settings = {
            "SAANPHAEN_DATABASE_URL": url,
            "SAANPHAEN_DATA_DIR": folder,
            "SAANPHAEN_SECRET_KEY": _SECRET,
            "SAANPHAEN_LOG_LEVEL": "WARNING",
        }
        command = ("web.cli", "serve", "--workers", str(processes), "--threads", str(threads), "--with-parent")
        with serving(command, settings, "/healthz", processes=processes) as server:
            yield server


@contextmanager
def serving(module: Sequence[str], settings: Mapping[str, str], asks: str, *, processes: int) -> Iterator[Server]:
    """Run one of our modules, which takes over a listening socket by `--socket`, and wait until it answers."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("SAANPHAEN_")}
    others.pop("DATABASE_URL", None)
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen(_BACKLOG)
        number, port = listener.fileno(), int(listener.getsockname()[1])
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", *module, "--socket", str(number)],
            stdin=subprocess.PIPE,  # closes when this process ends, however that is: then the server ends too
            env={**others, **settings},
            pass_fds=(number,),
        )
    try:
        _wait(process, port, asks)
        yield Server(port, _workers(process, processes))
    finally:
        process.terminate()
        try:
            process.wait(_GOODBYE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()


def _workers(process: subprocess.Popen[bytes], expected: int) -> tuple[int, ...]:
    """Return the processes that answer; all of them are there before anything is measured."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        children = psutil.Process(process.pid).children()
        if len(children) >= expected:
            return tuple(child.pid for child in children)
        if time.monotonic() > deadline:
            raise NotServed(f"Expected {expected} processes that answer, but there are {len(children)}.")
        time.sleep(0.1)


def _wait(process: subprocess.Popen[bytes], port: int, asks: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotServed(f"Expected a server that goes on, but it ended with status {process.returncode}.")
        try:
            if Browser(port).get(asks).status == HTTPStatus.OK:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    raise NotServed(f"Expected an answer within {_PATIENCE:.0f} s, but there was none.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    text: str
    location: str


@dataclass(slots=True)
class Browser:
    """One connection that is kept, with its cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""  # of forms
    _connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form; the token of the last page goes along."""
        return self._ask("POST", path, urlencode({"csrf_token": self.token, **fields}))

    def sign_in(self, login: str, password: str) -> None:
        """Sign in as a person does.

        Raises:
            NotServed: It was refused.
        """
        self.read_token("/sign-in")
        answer = self.post("/sign-in", {"login": login, "password": password})
        if answer.status != HTTPStatus.SEE_OTHER:
            raise NotServed(f"Expected {login!r} to be signed in, but the answer was {answer.status}.")
        self.read_token("/")

    def read_token(self, path: str) -> None:
        """Take the token for forms from a page."""
        answer = self.get(path)
        while answer.status in (HTTPStatus.FOUND, HTTPStatus.SEE_OTHER):
            answer = self.get(answer.location)
        found = _TOKEN.search(answer.text)
        if found is None:
            raise NotServed(f"Expected a page with a form's token at {path}, but the answer was {answer.status}.")
        self.token = found[1]

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        for attempt in (1, 2):
            try:
                return self._once(method, path, body)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # The server ends connections that were idle for some seconds; nothing was done on this one.
                self.close()
                if attempt == 2:  # noqa: PLR2004
                    raise
        raise AssertionError("unreachable")

    def _send(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Sent:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        return answer.status, content, answer.headers.get("Location", ""), answer.msg.get_all("Set-Cookie") or []

    def _once(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        status, content, location, cookies = self._send(method, path, body, headers)
        for given in cookies:
            for name, morsel in SimpleCookie(given).items():
                self.cookies[name] = morsel.value
        return Answer(status, content.decode("utf-8", "replace"), location)


@dataclass(slots=True)
class InProcess(Browser):
    """A browser whose server is this very process, so that a profile sees what the pages do."""

    client: Client | None = None

    @override
    def _send(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Sent:
        assert self.client is not None
        answer = self.client.open(path, method=method, data=body, headers=dict(headers))
        return answer.status_code, answer.data, answer.headers.get("Location", ""), answer.headers.getlist("Set-Cookie")


@contextmanager
def in_this_process(url: str) -> Iterator[Client]:
    """Make the application on a database, to be asked without a server."""
    from web import create_app
    from web.config import Settings
    from web.directory import OrganizationDirectory
    from web.log_setup import configure_logging
    from workflows.install import open_engine

    engine = open_engine(url)
    try:
        with tempfile.TemporaryDirectory(prefix="saanphaen-bench-") as folder:
            settings = Settings(database_url=url, data_dir=Path(folder), secret_key=_SECRET, log_level="WARNING")
            configure_logging(settings)
            app = create_app(settings, engine=engine, people=OrganizationDirectory())
            yield app.test_client(use_cookies=False)
    finally:
        engine.close()
