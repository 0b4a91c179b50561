"""What the doctor looks at on the machine: keys, data folder, disk, mail, the built pages."""

from __future__ import annotations

import shutil
import stat
import tempfile
from pathlib import Path
from typing import Final

from flask_babel import lazy_gettext as _l

from engine import InvalidArgument, SigningKey
from web.assets import AssetsMissing, manifest
from web.config import MIN_SECRET, Settings
from web.databases import sqlite_file
from web.doctor.findings import Finding, failing, good, warning
from web.mail import MailUnavailable, check, read_address
from workflows.files.errors import ScannerUnavailable
from workflows.files.scanning import ClamAv

_MEGABYTE: Final = 1_000_000
_LITTLE: Final = 0.10  # of the disk
_LITTLE_BYTES: Final = 2_000 * _MEGABYTE
_ALMOST_NOTHING: Final = 200 * _MEGABYTE


def secret_key(settings: Settings) -> Finding:
    """Look whether `serve` would start."""
    if len(settings.secret_key) < MIN_SECRET:
        return failing(
            "secret_key", _l("There is no secret key: the pages do not start. `saanphaen secret` makes one.")
        )
    return good("secret_key", _l("The secret key is set."))


def pages(settings: Settings) -> Finding:
    """Look whether the front end was built."""
    del settings
    try:
        manifest()
    except AssetsMissing as error:
        return failing("pages", str(error))
    return good("pages", _l("The scripts and styles of the pages are built."))


def data_dir(settings: Settings) -> Finding:
    """Look whether uploads can be stored, by storing one."""
    folder = settings.data_dir / "files"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix="incoming-") as file:
            file.write(b"x")
            file.flush()
    except OSError as error:
        return failing(
            "data_dir",
            _l("Uploaded files cannot be stored in %(folder)s: %(why)s.", folder=str(folder), why=str(error.strerror)),
        )
    return good("data_dir", _l("Uploaded files can be stored in %(folder)s.", folder=str(folder)))


def disk(settings: Settings) -> Finding:
    """Look at the room on the disks of the data folder and, with SQLite, of the database."""
    places = {settings.data_dir}
    file = sqlite_file(settings.database_url)
    if file is not None:
        places.add(file.parent)
    room = [(shutil.disk_usage(place), place) for place in map(_existing, places)]
    usage, place = min(room, key=lambda one: one[0].free)
    facts = {"free_bytes": usage.free, "total_bytes": usage.total, "folder": str(place)}
    told = {"megabytes": f"{usage.free // _MEGABYTE:,}", "folder": str(place)}
    if usage.free < _ALMOST_NOTHING:
        return failing("disk", _l("The disk of %(folder)s is full: %(megabytes)s MB are left.", **told), **facts)
    if usage.free < min(_LITTLE * usage.total, _LITTLE_BYTES):
        return warning("disk", _l("The disk of %(folder)s is filling up: %(megabytes)s MB are left.", **told), **facts)
    return good("disk", _l("%(megabytes)s MB are free on the disk of %(folder)s.", **told), **facts)


def mail(settings: Settings) -> Finding:
    """Ask the mail server for a sign of life, where one is set."""
    if not settings.smtp_url:
        return good("mail", _l("No mail server is set: nothing is sent by mail."), configured=False)
    server = read_address(settings.smtp_url)
    try:
        check(server)
    except MailUnavailable:
        told = {"server": f"{server.host}:{server.port}"}
        return failing("mail", _l("The mail server %(server)s does not take mail.", **told), configured=True)
    told = {"server": f"{server.host}:{server.port}"}
    return good("mail", _l("The mail server %(server)s answers.", **told), configured=True)


def virus_scanner(settings: Settings) -> Finding:
    """Ask the virus scanner for a sign of life, where one is set: without it no file is accepted."""
    if not settings.virus_scanner:
        return good(
            "virus_scanner", _l("No virus scanner is set: files are looked through without one."), configured=False
        )
    try:
        ClamAv(settings.virus_scanner, timeout=5).ping()
    except ScannerUnavailable:
        return failing("virus_scanner", _l("The virus scanner does not answer: no file is accepted."), configured=True)
    return good("virus_scanner", _l("The virus scanner answers."), configured=True)


def anchors_key(settings: Settings) -> Finding:
    """Look whether the anchors' key can be used, and by nobody else."""
    if settings.audit_key is None:
        return warning(
            "anchors_key",
            _l("No key for the anchors of the audit trail is set: rewriting the whole history would not be found."),
        )
    told = {"file": str(settings.audit_key)}
    try:
        key = SigningKey.read(settings.audit_key)
    except (OSError, InvalidArgument):
        return failing("anchors_key", _l("The anchors' key %(file)s cannot be read.", **told))
    if settings.audit_key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return failing("anchors_key", _l("Others may read the anchors' key %(file)s: set its mode to 0600.", **told))
    return good("anchors_key", _l("The anchors' key can be used."), key=key.id)


def _existing(path: Path) -> Path:
    return next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
