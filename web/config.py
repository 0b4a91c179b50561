"""The settings: every environment variable, typed, explained, and checked before anything starts."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from workflows.files.kinds import KIND_NAMES, USUAL
from workflows.files.scanning import read_address

PREFIX = "SAANPHAEN_"


class SettingsError(Exception):
    """Expected usable settings, but some are not; the message lists all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation may decide. Field names are the variables' names without the prefix, in lower case."""

    database_url: str = field(default="sqlite:///var/saanphaen.db", repr=False)  # also read from DATABASE_URL
    data_dir: Path = Path("var")  # uploads, the demo's secret key
    secret_key: str = field(default="", repr=False)  # signs cookies; at least 32 characters
    demo: bool = False  # lists demo people on the sign-in page; loopback only
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2  # processes of `saanphaen serve`
    threads: int = 8  # of each of them
    cookie_secure: bool = False  # set it wherever the site is served over HTTPS
    trusted_proxies: int = 0  # how many reverse proxies add X-Forwarded-* headers
    session_idle: timedelta = timedelta(minutes=90)  # outlasts the lunch hour of an office
    session_absolute: timedelta = timedelta(hours=12)  # a day with overtime
    sign_in_failures: int = 8  # of one account name, before the next attempt must wait
    sign_in_failures_address: int = 60  # of one address within the window: a provincial office often shares one
    sign_in_window: timedelta = timedelta(minutes=15)  # the longest wait
    second_factor_roles: frozenset[str] = frozenset()  # roles or candidate groups that must have one; "*" is everybody
    factor_key: str = field(default="", repr=False)  # encrypts the secrets of second factors; else the secret key does
    upload_limit: int = 50 * 1024 * 1024  # bytes of one request
    file_limit: int = 50 * 1024 * 1024  # bytes of one file
    upload_files: int = 20  # in one request
    plan_quota: int = 1024 * 1024 * 1024  # bytes of all files of one plan
    upload_types: tuple[str, ...] = USUAL  # kinds of files that are accepted
    keep_notifications: timedelta = timedelta(days=730)
    keep_drafts: timedelta = timedelta(days=365)  # that nobody has changed since
    keep_sessions: timedelta = timedelta(days=90)  # after their end
    keep_reads: timedelta = timedelta(days=730)  # who read which file
    keep_outbox: timedelta = timedelta(days=30)
    virus_scanner: str = ""  # ClamAV's socket: unix:///path or tcp://host:port; none, unless given
    smtp_url: str = field(default="", repr=False)  # smtp://[user:password@]host[:port], smtps://…, or none: no mail
    mail_from: str = ""  # address of the sender; needed with smtp_url
    audit_key: Path | None = None  # the file of the key that signs the anchors of the audit trail
    audit_interval: timedelta = timedelta(hours=1)  # between two anchors
    audit_export_dir: Path | None = None  # anchors are also written there, best on another machine
    audit_mail_to: tuple[str, ...] = ()  # anchors are also sent there
    log_level: str = "INFO"
    log_format: str = "json"  # or "text"

    @classmethod
    def from_env(cls, environment: Mapping[str, str], *, signs: bool = True) -> Settings:
        """Read and check all variables; `signs` is False for commands that sign no cookies and need no key.

        Raises:
            SettingsError: A variable is unknown or has an unusable value, or a needed one is missing.
        """
        problems: list[str] = []
        values: dict[str, object] = {}
        known = {f"{PREFIX}{name.upper()}": name for name in cls.__dataclass_fields__}
        for variable, text in sorted(environment.items()):
            if not variable.startswith(PREFIX):
                continue
            name = known.get(variable)
            if name is None:
                problems.append(f"{variable}: expected one of {', '.join(sorted(known))}")
                continue
            try:
                values[name] = _READERS.get(name, str)(text)
            except ValueError as error:
                problems.append(f"{variable}: expected {error}, but found {_shown(name, text)}")
        if environment.get("DATABASE_URL"):
            values.setdefault("database_url", environment["DATABASE_URL"])
        if problems:
            raise SettingsError("; ".join(problems))
        return cls(**values).checked(signs=signs)  # type: ignore[arg-type]  # each value comes from its field's reader

    def checked(self, *, signs: bool = True) -> Settings:
        """Return these settings, completed with the demo's own key.

        Raises:
            SettingsError: The settings do not fit together.
        """
        if self.demo and not _is_loopback(self.host):
            raise SettingsError(f"SAANPHAEN_HOST: expected a loopback address in demo mode, but found {self.host!r}")
        if self.smtp_url and not self.mail_from:
            raise SettingsError("SAANPHAEN_MAIL_FROM: expected the sender's address, since SAANPHAEN_SMTP_URL is set")
        if self.audit_mail_to and not self.smtp_url:
            raise SettingsError("SAANPHAEN_SMTP_URL: expected a mail server, since SAANPHAEN_AUDIT_MAIL_TO is set")
        if self.demo and not self.secret_key:
            return self.with_secret(_kept_secret(self.data_dir / "demo-secret-key"))
        if signs and len(self.secret_key) < MIN_SECRET:
            raise SettingsError(
                f"SAANPHAEN_SECRET_KEY: expected at least {MIN_SECRET} characters; `saanphaen secret` makes one"
            )
        return self

    def with_secret(self, secret_key: str) -> Settings:
        """Return these settings with a secret key."""
        values = {name: getattr(self, name) for name in type(self).__dataclass_fields__}
        return Settings(**{**values, "secret_key": secret_key})


MIN_SECRET = 32


def _shown(name: str, text: str) -> str:
    return "***" if any(part in name for part in ("secret", "url", "_key")) else repr(text)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _kept_secret(path: Path) -> str:
    """Return the key in this file; several processes and restarts must agree on it, so it is written once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text("ascii")


def _flag(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("1 or 0")


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("a whole number")
    return int(text)


def _some(text: str) -> int:
    count = _count(text)
    if count == 0:
        raise ValueError("a whole number above 0")
    return count


def _minutes(text: str) -> timedelta:
    count = _count(text)
    if count == 0:
        raise ValueError("a number of minutes above 0")
    return timedelta(minutes=count)


def _roles(text: str) -> frozenset[str]:
    """Read names of roles and candidate groups; a misspelt one would ask nobody for anything, so it is refused."""
    from workflows.organization.roles import ROLES, split_group

    named = frozenset(part.strip() for part in text.split(",") if part.strip())
    if any(split_group(name)[0] not in ROLES for name in named - {"*"}):
        raise ValueError("roles (system_admin) or candidate groups (governor@TH-52) with commas between, or *")
    return named


def _long_enough(text: str) -> str:
    if text and len(text) < MIN_SECRET:
        raise ValueError(f"at least {MIN_SECRET} characters")
    return text


def _days(text: str) -> timedelta:
    count = _count(text)
    if count == 0:
        raise ValueError("a number of days above 0")
    return timedelta(days=count)


def _days_of_traffic(text: str) -> timedelta:
    """Read how long is kept who was there: at least 90 days (Computer Crime Act, s. 26)."""
    kept = _days(text)
    if kept < timedelta(days=90):
        raise ValueError("a number of days of at least 90")
    return kept


def _file_kinds(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    if not names or not set(names) <= set(KIND_NAMES):
        raise ValueError(f"some of {', '.join(KIND_NAMES)} with commas between")
    return names


def _scanner(text: str) -> str:
    if text:
        read_address(text)
    return text


def _smtp(text: str) -> str:
    if text:
        from web.mail import read_address as read_server

        read_server(text)
    return text


def _addresses(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if any(part.count("@") != 1 or any(char.isspace() for char in part) for part in found):
        raise ValueError("addresses with commas between")
    return found


def _optional_path(text: str) -> Path | None:
    return Path(text) if text else None


def _level(text: str) -> str:
    if text.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("DEBUG, INFO, WARNING or ERROR")
    return text.upper()


def _log_format(text: str) -> str:
    if text not in {"json", "text"}:
        raise ValueError("json or text")
    return text


_READERS: dict[str, Callable[[str], object]] = {
    "data_dir": Path,
    "demo": _flag,
    "port": _count,
    "workers": _some,
    "threads": _some,
    "cookie_secure": _flag,
    "trusted_proxies": _count,
    "session_idle": _minutes,
    "session_absolute": _minutes,
    "sign_in_failures": _count,
    "sign_in_failures_address": _count,
    "sign_in_window": _minutes,
    "second_factor_roles": _roles,
    "factor_key": _long_enough,
    "upload_limit": _count,
    "file_limit": _count,
    "upload_files": _some,
    "plan_quota": _count,
    "upload_types": _file_kinds,
    "virus_scanner": _scanner,
    "keep_notifications": _days,
    "keep_drafts": _days,
    "keep_sessions": _days_of_traffic,
    "keep_reads": _days_of_traffic,
    "keep_outbox": _days,
    "smtp_url": _smtp,
    "audit_key": _optional_path,
    "audit_interval": _minutes,
    "audit_export_dir": _optional_path,
    "audit_mail_to": _addresses,
    "log_level": _level,
    "log_format": _log_format,
}
