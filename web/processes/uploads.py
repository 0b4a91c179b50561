"""Reads the files of a new version as the browser sends them, and says at once what cannot be used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PureWindowsPath

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from engine import EngineConfig

LONGEST_NOTE = 1_000
LONGEST_TAG = 60
LONGEST_NAME = 200
MOST_FILES = 100


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one entry, for the summary on top."""

    html_id: str
    message: str


@dataclass(slots=True)
class Upload:
    """A new version as it was sent: files by name, note, version tag, and what is wrong with them."""

    note: str = ""
    version_tag: str = ""
    seen: int = 0  # the newest version of any process when the page was opened
    files: dict[str, bytes] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)

    def error_of(self, html_id: str) -> str:
        """Return what is wrong with one entry."""
        return next((error.message for error in self.errors if error.html_id == html_id), "")


def read_upload(sent: Iterable[FileStorage], *, note: str, version_tag: str, seen: int, config: EngineConfig) -> Upload:
    """Read what was sent; a file larger than the gate takes is read as far as the gate needs to say so."""
    upload = Upload(note=note.strip(), version_tag=version_tag.strip(), seen=seen)
    for number, storage in enumerate(sent):
        if number >= MOST_FILES:
            upload.errors.append(FieldError("files", _("Choose at most %(num)s files at once.", num=MOST_FILES)))
            break
        # Some browsers send a path, of which only the last part is the file's name.
        name = PureWindowsPath(storage.filename or "").name
        if not name:
            continue
        if len(name) > LONGEST_NAME:
            upload.errors.append(
                FieldError("files", _("The name of a file is longer than 200 characters: shorten it."))
            )
        elif name in upload.files:
            message = _("Two files are called %(name)s. Rename one of them.", name=name)
            upload.errors.append(FieldError("files", message))
        else:
            upload.files[name] = storage.stream.read(config.max_file_bytes + 1)
        storage.close()
    if not upload.files and not upload.errors:
        upload.errors.append(
            FieldError("files", _("Choose the diagram (.bpmn) and the forms (.form) that belong to it."))
        )
    if len(upload.note) > LONGEST_NOTE:
        upload.errors.append(FieldError("note", _("The note is longer than 1,000 characters: shorten it.")))
    if len(upload.version_tag) > LONGEST_TAG:
        upload.errors.append(
            FieldError("version-tag", _("The name of the version is longer than 60 characters: shorten it."))
        )
    return upload
