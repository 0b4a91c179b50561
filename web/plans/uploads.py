"""What an upload asks for and what is wrong with it, in words; the bytes are checked as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from flask import request
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage

from web.composition import composition
from web.formatting import file_size
from workflows.files.errors import FileRefused, ScannerUnavailable, StoreFull
from workflows.files.kinds import chosen_kinds
from workflows.files.store import FileStore, IncomingFile
from workflows.plans.states import FileRole

log = structlog.get_logger("web.plans")

OF_THE_PLAN = frozenset({FileRole.MINUTES, FileRole.SURVEY, FileRole.ATTACHMENT})
"""Roles that may be kept with the plan as a whole, for every edition."""

_REASONS: dict[str, LazyString] = {
    "empty": _l("“%(name)s” is empty. Choose it again, or another file."),
    "other_type": _l("“%(name)s” is no %(kinds)s file. Save it as one of these, send it again."),
    "mismatch": _l("“%(name)s” is called something else than it is: its content is %(kind)s. Choose the right file."),
    "old": _l("“%(name)s” is of an old form of Office or has a password. Save it as .docx or .xlsx without one."),
    "encrypted": _l("“%(name)s” has a password or restrictions. Save it without them and send again."),
    "macros": _l("“%(name)s” contains macros. Save it without them (.docx or .xlsx) and send again."),
    "script": _l("“%(name)s” contains scripts or forms that send. Print it to a new PDF and send that."),
    "program": _l("“%(name)s” contains a program or an attached file. Take it out, send what was attached by itself."),
    "external": _l("“%(name)s” fetches content from elsewhere when it is opened. Embed it in the file and send again."),
    "hidden": _l("“%(name)s” cannot be looked through. Print it to a new PDF and send that."),
    "mixed": _l("“%(name)s” is two kinds of file at once. Save it anew and send again."),
    "names": _l("“%(name)s” holds parts with names that no document has. Save it anew and send again."),
    "xml": _l("“%(name)s” holds definitions that no document needs. Save it anew and send again."),
    "broken": _l("“%(name)s” is damaged and cannot be opened. Save it anew and send again."),
    "unpacks_too_large": _l("“%(name)s” holds far more than a document needs. Save it anew, with smaller pictures."),
    "infected": _l("“%(name)s” was not accepted: the virus scanner found something. Tell your computer's caretaker."),
    "unscanned": _l("“%(name)s” is too large for the virus scanner. Save it smaller, or divide it."),
}
_UNAVAILABLE: dict[str, LazyString] = {
    ScannerUnavailable.code: _l(
        "The virus scanner does not answer, so no file is accepted now. Nothing was changed; send again later."
    ),
    StoreFull.code: _l(
        "There is no room for files at the moment. Nothing was changed; tell the administrator, and send again later."
    ),
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
        most = composition().settings.upload_files
        if not sent:
            found.append(UploadProblem("upload-file", _("Choose a file.")))
        elif len(sent) > most:
            found.append(UploadProblem("upload-file", _("Choose at most %(num)s files at once.", num=most)))
        if self.role is None:
            found.append(UploadProblem("upload-role", _("Choose what the file is.")))
        elif self.whole_plan and self.role not in OF_THE_PLAN:
            found.append(UploadProblem("upload-keep", _("The plan document and its forms belong to one edition.")))
        return found


def sent_files() -> list[FileStorage]:
    """Return the files of the request; an input that was left empty counts as none."""
    return [file for file in request.files.getlist("file") if file.filename]


@dataclass(slots=True)
class Reception:
    """The files of a request while they are decided on: received and checked, in the store only when they are kept."""

    files: list[tuple[str, IncomingFile]] = field(default_factory=list)
    problems: list[UploadProblem] = field(default_factory=list)
    unavailable: bool = False  # nothing is wrong with the files, but they cannot be accepted now
    _stays: bool = False

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(file.stored.size for _name, file in self.files)

    def keep(self) -> None:
        """Take them into the store; the last act of the transaction that refers to them."""
        for _name, file in self.files:
            file.keep()

    def stay(self) -> None:
        """Say that the transaction was committed."""
        self._stays = True

    def end(self) -> None:
        """Leave nothing of them behind, unless they stay."""
        if not self._stays:
            for _name, file in self.files:
                file.drop()


@contextmanager
def receiving(store: FileStore, sent: Sequence[FileStorage]) -> Iterator[Reception]:
    """Receive files one after the other; whatever does not stay leaves nothing behind."""
    coming = Reception()
    try:
        for file in sent:
            name = file.filename or ""
            try:
                coming.files.append((name, store.receive(file.stream, name=name, declared=file.mimetype)))
            except FileRefused as refused:
                coming.problems.append(UploadProblem("upload-file", told_refusal(refused, name)))
            except (ScannerUnavailable, StoreFull) as error:
                log.warning("upload_not_possible", code=error.code)
                coming.problems.append(UploadProblem("upload-file", str(_UNAVAILABLE[error.code])))
                coming.unavailable = True
                break
        yield coming
    finally:
        coming.end()


def kinds_in_words() -> str:
    """Return what is accepted: "PDF, Word (.docx) or Excel (.xlsx)"."""
    *others, last = (kind.called for kind in chosen_kinds(composition().settings.upload_types))
    return _("%(others)s or %(last)s", others=", ".join(others), last=last) if others else last


def accepted_endings() -> str:
    """Return what the browser offers to choose from."""
    kinds = chosen_kinds(composition().settings.upload_types)
    return ",".join(ending for kind in kinds for ending in kind.endings)


def told_refusal(refused: FileRefused, name: str) -> str:
    """Return why a file was refused, and what to do."""
    reason, limit = str(refused.facts.get("reason")), refused.facts.get("limit")
    size = file_size(limit) if isinstance(limit, int) else ""
    if reason == "too_large":
        return str(_("“%(name)s” is larger than %(size)s. Save it smaller, or divide it.", name=name, size=size))
    if reason == "quota":
        told = _("The files of this plan may be %(size)s together, and with these they would be more.", size=size)
        return f"{told} {_('Take out what is no longer needed, or save the files smaller.')}"
    words = _REASONS.get(reason, _REASONS["broken"])
    return str(words) % {"name": name, "kinds": kinds_in_words(), "kind": refused.facts.get("kind", "")}
