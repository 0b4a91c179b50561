"""What an upload asks for and what is wrong with it, in words; the bytes go to the store as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage

from web.formatting import file_size
from workflows.plans.errors import FileRefused
from workflows.plans.files import FileStore, StoredFile
from workflows.plans.states import FileRole

OF_THE_PLAN = frozenset({FileRole.MINUTES, FileRole.SURVEY, FileRole.ATTACHMENT})
"""Roles that may be kept with the plan as a whole, for every edition."""

_REASONS: dict[str, LazyString] = {
    "empty": _l("“%(name)s” is empty. Choose it again, or another file."),
    "other_type": _l(
        "“%(name)s” is no PDF, Word (.docx) or Excel (.xlsx) file. Save it as one of these, send it again."
    ),
    "macros": _l("“%(name)s” contains macros. Save it without them (.docx or .xlsx) and send again."),
    "broken": _l("“%(name)s” is damaged and cannot be opened. Save it anew and send again."),
    "unpacks_too_large": _l("“%(name)s” holds far more than a document needs. Save it anew, with smaller pictures."),
}


@dataclass(frozen=True, slots=True)
class UploadProblem:
    """One line of the error summary; `field` is the id of the input that it is about."""

    html_id: str
    message: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was chosen beside the files; kept when they are refused."""

    role: FileRole | None = FileRole.PLAN
    whole_plan: bool = False

    @classmethod
    def from_form(cls) -> Wanted:
        """Read what was sent."""
        role = request.form.get("role", "")
        return cls(FileRole(role) if role in set(FileRole) else None, request.form.get("keep") == "plan")

    def problems(self, sent: Sequence[FileStorage]) -> list[UploadProblem]:
        """Return what is missing or does not go together."""
        found = []
        if not sent:
            found.append(UploadProblem("upload-file", _("Choose a file.")))
        if self.role is None:
            found.append(UploadProblem("upload-role", _("Choose what the file is.")))
        elif self.whole_plan and self.role not in OF_THE_PLAN:
            found.append(UploadProblem("upload-keep", _("The plan document and its forms belong to one edition.")))
        return found


def sent_files() -> list[FileStorage]:
    """Return the files of the request; an input that was left empty counts as none."""
    return [file for file in request.files.getlist("file") if file.filename]


def store(store: FileStore, sent: Sequence[FileStorage]) -> tuple[list[tuple[str, StoredFile]], list[UploadProblem]]:
    """Store what can be accepted; returns names with what was stored, and what was refused."""
    kept, problems = [], []
    for file in sent:
        name = file.filename or ""
        try:
            kept.append((name, store.put(file.stream)))
        except FileRefused as refused:
            problems.append(UploadProblem("upload-file", _words(refused, name)))
    return kept, problems


def _words(refused: FileRefused, name: str) -> str:
    if refused.facts.get("reason") == "too_large":
        limit = refused.facts.get("limit")
        size = file_size(limit) if isinstance(limit, int) else ""
        return str(_("“%(name)s” is larger than %(size)s. Save it smaller, or divide it.", name=name, size=size))
    reason = _REASONS.get(str(refused.facts.get("reason")), _REASONS["broken"])
    return str(reason) % {"name": name}
