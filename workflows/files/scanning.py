"""An optional virus scanner: ClamAV's daemon, asked over its socket while the file goes through it in pieces."""

from __future__ import annotations

import re
import socket
import struct
from pathlib import Path
from typing import Final, Protocol

from workflows.files.errors import FileRefused, ScannerUnavailable
from workflows.files.limits import CHUNK

_LONGEST_ANSWER: Final = 4_096
_ADDRESS: Final = re.compile(r"tcp://(?P<host>\[[0-9a-fA-F:.]+\]|[^:/\[\]]+):(?P<port>[0-9]{1,5})")
_MOST_PORT: Final = 65_535


class Scanner(Protocol):
    """Looks for malware in a file."""

    def check(self, path: Path) -> None:
        """Refuse a file in which something was found."""
        ...


class NoScanner:
    """Where no scanner is set."""

    def check(self, path: Path) -> None:
        """Let every file pass."""


class ClamAv:
    """Asks clamd by its command INSTREAM; without a clear answer nothing passes."""

    def __init__(self, address: str, *, timeout: float = 60.0) -> None:
        """Take the address of the daemon.

        Args:
            address: `unix:///run/clamav/clamd.ctl` or `tcp://host:3310`.
            timeout: Seconds that one step of the conversation may take.
        """
        self._family, self._target = read_address(address)
        self._timeout = timeout

    def check(self, path: Path) -> None:
        """Send a file through the scanner.

        Raises:
            FileRefused: The scanner found something, or does not take a file of this size.
            ScannerUnavailable: It cannot be reached, or gives no clear answer.
        """
        try:
            answer = self._ask(path)
        except OSError as error:
            raise ScannerUnavailable(f"Expected the virus scanner to answer, but: {error}.") from error
        if answer.endswith(" FOUND"):
            raise FileRefused("Expected a clean file, but the scanner found something.", reason="infected")
        if "size limit exceeded" in answer:
            raise FileRefused("Expected a file that the scanner takes, but it is too large for it.", reason="unscanned")
        if answer != "stream: OK":
            raise ScannerUnavailable(f"Expected a clear answer of the virus scanner, but it said {answer!r}.")

    def ping(self) -> None:
        """Ask whether it is there.

        Raises:
            ScannerUnavailable: It is not.
        """
        try:
            with self._connected() as line:
                line.sendall(b"zPING\0")
                answer = _answer(line)
        except OSError as error:
            raise ScannerUnavailable(f"Expected the virus scanner to answer, but: {error}.") from error
        if answer != "PONG":
            raise ScannerUnavailable(f"Expected the virus scanner to say PONG, but it said {answer!r}.")

    def _ask(self, path: Path) -> str:
        with self._connected() as line, path.open("rb") as file:
            try:
                line.sendall(b"zINSTREAM\0")
                while piece := file.read(CHUNK):
                    line.sendall(struct.pack(">I", len(piece)) + piece)
                line.sendall(struct.pack(">I", 0))
            except (BrokenPipeError, ConnectionResetError):
                # It hangs up in the middle when it has had enough; what it said before tells why.
                return _answer(line) or "nothing"
            return _answer(line)

    def _connected(self) -> socket.socket:
        line = socket.socket(self._family, socket.SOCK_STREAM)
        line.settimeout(self._timeout)
        try:
            line.connect(self._target)
        except BaseException:
            line.close()
            raise
        return line


def read_address(address: str) -> tuple[socket.AddressFamily, str | tuple[str, int]]:
    """Read an address of the daemon.

    Raises:
        ValueError: It is none.
    """
    if address.startswith("unix:///"):
        return socket.AF_UNIX, address.removeprefix("unix://")
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"]) <= _MOST_PORT:
        raise ValueError("unix:///path/of/the/socket or tcp://host:port")
    host = found["host"].strip("[]")
    return (socket.AF_INET6 if ":" in host else socket.AF_INET), (host, int(found["port"]))


def scanner_at(address: str) -> Scanner:
    """Return the scanner at an address, or none where there is no address."""
    return ClamAv(address) if address else NoScanner()


def _answer(line: socket.socket) -> str:
    heard = b""
    while len(heard) < _LONGEST_ANSWER and not heard.endswith(b"\0"):
        piece = line.recv(_LONGEST_ANSWER)
        if not piece:
            break
        heard += piece
    return heard.rstrip(b"\0\n").decode("utf-8", "replace")
