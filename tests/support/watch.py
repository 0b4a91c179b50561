"""Watches a stretch of code for what must never happen in it: programs started, source compiled, lines opened to anywhere.

Python tells its own audit hooks of these before they happen, whoever causes them and by whatever way.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

RUNS = ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "subprocess.Popen", "pty.spawn",
        "ctypes.dlopen", "os.putenv", "sys.setprofile", "sys.settrace")  # fmt: skip
COMPILES = ("compile", "code.__new__")  # also seen where a traceback is written or a library makes its own code
CONNECTS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto",
            "socket.sendmsg", "socket.bind", "urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect",
            "imaplib.open", "poplib.connect", "telnetlib.Telnet.open", "webbrowser.open")  # fmt: skip


@dataclass
class Seen:
    """What happened, and how much of the processor the stretch took."""

    events: list[str] = field(default_factory=list)
    cpu: float = 0.0  # seconds


class _Hook:
    """The one hook of this process: Python lets nobody take a hook away again."""

    def __init__(self) -> None:
        self.kinds: tuple[str, ...] = ()
        self.found: list[str] = []
        self.thread = 0
        self.ready = False

    def __call__(self, name: str, arguments: tuple[object, ...]) -> None:
        if name in self.kinds and threading.get_ident() == self.thread:
            self.found.append(f"{name}{arguments!r}"[:300])

    def start(self, kinds: tuple[str, ...]) -> None:
        if not self.ready:
            sys.addaudithook(self)
            self.ready = True
        self.kinds, self.found, self.thread = kinds, [], threading.get_ident()


_hook = _Hook()


@contextmanager
def watching(kinds: tuple[str, ...] = RUNS + CONNECTS) -> Iterator[Seen]:
    """Note what this thread does of these kinds until the end of the block."""
    seen = Seen()
    _hook.start(kinds)
    began = time.thread_time()
    try:
        yield seen
    finally:
        seen.cpu = time.thread_time() - began
        seen.events = _hook.found
        _hook.kinds = ()
