"""A browser over real HTTP: cookies, the token of forms, and a plain word when the line broke before the answer."""

from __future__ import annotations

import http.client
import re
import secrets
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.soak.harness.staff import PASSWORD

_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
_TASK = re.compile(r'data-task-row="(\d+)"')
_PATIENCE = 60.0  # seconds for one answer; a server that hangs for longer is at fault
_IDLE = 2.0  # seconds


class LineBroke(Exception):
    """Expected an answer, but the line broke: nobody knows whether the request was carried out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    @property
    def location(self) -> str:
        """Where it leads to, without what only the page's layout needs."""
        return self.headers.get("location", "")


@dataclass
class Browser:
    """One signed-in person at one installation; one request at a time."""

    port: int
    person: str
    keep_alive: bool = True
    cookies: dict[str, str] = field(default_factory=dict)
    windows: list[Browser] = field(default_factory=list, repr=False)  # of all people of a site: it hangs up for them
    _token: str = ""
    _line: http.client.HTTPConnection | None = None
    _used: float = 0.0

    def sign_in(self, password: str = PASSWORD) -> None:
        """Sign in by the form.

        Raises:
            LineBroke: Nobody answers.
            AssertionError: It is refused.
        """
        self.get("/sign-in")
        answer = self.post("/sign-in", {"login": self.person, "password": password})
        assert answer.status == HTTPStatus.SEE_OTHER, (answer.status, answer.text[:2000])
        self.get("/tasks")  # the token of forms belongs to the session

    def window(self) -> Browser:
        """Open another window of the same browser: the same session on another line."""
        window = Browser(self.port, self.person, self.keep_alive, dict(self.cookies), self.windows, self._token)
        self.windows.append(window)
        return window

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Open a page."""
        answer = self._send("GET", path, None, {"Accept": "text/html", **(headers or {})})
        found = _TOKEN.search(answer.text) if answer.status < HTTPStatus.MULTIPLE_CHOICES else None
        if found:
            self._token = found.group(1)
        return answer

    def post(self, path: str, form: Mapping[str, str] | None = None) -> Answer:
        """Send a form with its token."""
        body, headers = self.encoded(form)
        return self._send("POST", path, body, headers)

    def upload(
        self, path: str, files: Mapping[str, bytes], form: Mapping[str, str] | None = None, *, name: str = "files"
    ) -> Answer:
        """Send a form with files."""
        border = secrets.token_hex(16)
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {"csrf_token": self._token, **(form or {})}.items()
        ]
        parts += [
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'.encode()
            + b"Content-Type: application/octet-stream\r\n\r\n"
            + content
            + b"\r\n"
            for file, content in files.items()
        ]
        body = b"".join(parts) + f"--{border}--\r\n".encode()
        return self._send("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={border}"})

    def post_and_hang_up(self, path: str, form: Mapping[str, str] | None = None) -> None:
        """Send a form whole and cut the line before the answer can arrive."""
        body, headers = self.encoded(form)
        lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in {**headers, **self._headers()}.items()]
        with socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE) as line:
            line.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode() + body)

    def encoded(self, form: Mapping[str, str] | None) -> tuple[bytes, dict[str, str]]:
        """Return a form with its token as a browser sends it."""
        body = urlencode({**(form or {}), "csrf_token": self._token}).encode()
        return body, {"Content-Type": "application/x-www-form-urlencoded"}

    def task_ids(self, tab: str) -> list[str]:
        """Return the tasks on the first page of a list; none when the list does not come."""
        answer = self.get(f"/tasks?tab={tab}")
        return _TASK.findall(answer.text) if answer.status == HTTPStatus.OK else []

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookies} if cookies else {}

    def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        if time.monotonic() - self._used > _IDLE:
            self.close()  # the server hangs up on who is idle; a browser opens a new line then
        if self._line is None:
            self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        try:
            self._line.request(method, path, body, {**headers, **self._headers()})
            response = self._line.getresponse()
            answer = Answer(
                response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
            )
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise LineBroke(f"{method} {path}: {type(error).__name__}: {error}") from error
        self._used = time.monotonic()
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if not self.keep_alive or response.will_close:
            self.close()
        return answer
