"""Mail by SMTP: one message at a time, never inside a transaction."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

_PATIENCE: Final = 10.0  # seconds for each answer of the server
_PORTS: Final = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class MailUnavailable(Exception):
    """Expected the mail server to answer, but it does not; try again later."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    content: bytes


def read_address(url: str) -> Server:
    """Read `smtp://[user:password@]host[:port]`; `smtps://` speaks TLS at once, `smtp+starttls://` after a greeting.

    Raises:
        ValueError: It is no such url.
    """
    expected = "smtp://[user:password@]host[:port], smtp+starttls://… or smtps://…"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(expected) from error
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(expected)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], user, password)


def check(server: Server) -> None:
    """Ask the server for a sign of life, signed in where there is a user.

    Raises:
        MailUnavailable: There is none.
    """
    with _talking(server) as talk:
        talk.noop()


def send(
    server: Server,
    *,
    sender: str,
    receivers: Sequence[str],
    subject: str,
    text: str,
    attachments: Sequence[Attachment] = (),
) -> None:
    """Hand in a message.

    Raises:
        MailUnavailable: The server does not take it.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ", ".join(receivers), subject
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or None)
    message.set_content(text)
    for attached in attachments:
        message.add_attachment(attached.content, maintype="text", subtype="plain", filename=attached.name)
    with _talking(server) as talk:
        talk.send_message(message)


@contextmanager
def _talking(server: Server) -> Iterator[smtplib.SMTP]:
    try:
        if server.scheme == "smtps":
            talk: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=_PATIENCE, context=ssl.create_default_context()
            )
        else:
            talk = smtplib.SMTP(server.host, server.port, timeout=_PATIENCE)
        with talk:
            if server.scheme == "smtp+starttls":
                talk.starttls(context=ssl.create_default_context())
            if server.user:
                talk.login(server.user, server.password)
            yield talk
    except (OSError, smtplib.SMTPException) as error:
        # Not what the server said: it may repeat an address or a password.
        raise MailUnavailable(
            f"Expected the mail server {server.host}:{server.port} to take mail, but: {type(error).__name__}."
        ) from error
