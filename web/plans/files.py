"""The files of a plan: upload to its draft, download by whoever sees the plan, take out of a draft."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote

import structlog
from flask import Blueprint, flash, make_response, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from engine import NotAuthorized, UnitOfWork
from web.access import signed_in
from web.composition import composition, reading, transact
from web.errors import RETRY_AFTER
from web.intake import takes_files
from web.plans.page import build_view, may_draft, render_page, visible_document
from web.plans.uploads import (
    UploadProblem,
    Wanted,
    accepted_endings,
    kinds_in_words,
    receiving,
    sent_files,
    told_refusal,
)
from web.preferences import local_address
from workflows.files.errors import FileRefused
from workflows.files.kinds import KIND_OF_TYPE, PDF
from workflows.plans import commands
from workflows.plans.commands import Uploaded
from workflows.plans.cycles import plan_key
from workflows.plans.errors import EditionFrozen, PlanClosed, PlanNotFound
from workflows.plans.files import get_file
from workflows.plans.models import Document, PlanFile
from workflows.plans.queries import edition_choices
from workflows.plans.reading import ReadingWay, keep_reading

log = structlog.get_logger("web.plans")
files = Blueprint("files", __name__)
files.add_app_template_global(kinds_in_words)
files.add_app_template_global(accepted_endings)
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""For a PDF that the browser shows by itself: its viewer is an object in a page of the browser's own, so no sandbox."""
SAVED_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""For what is saved: should a browser show it all the same, nothing of it runs."""


@files.post("/<cycle>/<unit>/files")
@signed_in
@takes_files
def upload(cycle: str, unit: str) -> AnyResponse:
    """Attach files to the draft of a plan, or to the plan as a whole; all of them or none."""
    key = plan_key(cycle, unit)
    with reading() as read:
        _to_draft(visible_document(read, current_user, key))
    wanted, sent = Wanted.from_form(), sent_files()
    problems = wanted.problems(sent)
    if problems or wanted.role is None:
        return _refused(key, wanted, problems)
    role, whole = wanted.role, wanted.whole_plan
    with receiving(composition().files, sent) as coming:
        if coming.problems:
            return _refused(key, wanted, coming.problems, status=503 if coming.unavailable else 422)

        def attach(uow: UnitOfWork) -> list[Uploaded]:
            commands.ensure_room(uow, key, coming=coming.size, quota=composition().settings.plan_quota)
            uploaded = [
                commands.attach_file(uow, key, file.stored, name=name, role=role, to_edition=not whole)
                for name, file in coming.files
            ]
            coming.keep()
            return uploaded

        try:
            uploaded = transact(attach)
        except PlanClosed:
            told = _("This plan is finished and takes no more files.")
            return _refused(key, wanted, [UploadProblem("upload-file", told)])
        except FileRefused as refused:
            return _refused(key, wanted, [UploadProblem("upload-file", told_refusal(refused, ""))])
        coming.stay()
    return _accepted(key, uploaded)


@files.get("/<cycle>/<unit>/files/<int:file_id>")
@signed_in
def download(cycle: str, unit: str, file_id: int) -> AnyResponse:
    """Answer a file, once it is written down who reads it; only a PDF may be looked at, everything else is saved."""
    with reading() as read:
        document = visible_document(read, current_user, plan_key(cycle, unit))
        file = get_file(read.session, file_id)
        if file.document_id != document.id:
            raise PlanNotFound(f"Expected a file of {document.plan_key}, but {file_id} is another's.", file=file_id)
        name, media_type, size, sha256 = file.name, file.media_type, file.size, file.sha256
    shown = media_type == PDF and request.args.get("show") == "1"
    bytes_of = composition().files.open(sha256)
    try:
        _write_down(file, ReadingWay.SHOWN if shown else ReadingWay.SAVED)
    except BaseException:
        bytes_of.close()
        raise
    answer = send_file(bytes_of, mimetype=media_type, conditional=False, etag=False)
    answer.set_etag(sha256)
    answer.content_length = size
    answer.headers["Content-Disposition"] = _disposition(name, file_id, media_type, shown=shown)
    answer.headers["Content-Security-Policy"] = PDF_POLICY if shown else SAVED_POLICY
    answer.headers["Cache-Control"] = "no-store"  # what may be cached for a year are our own scripts and styles
    answer.headers.pop("Expires", None)
    # A reader of PDF asks for pages out of order, and a line that broke goes on where it was.
    try:
        answer.make_conditional(request.environ, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        answer.close()
        raise
    if request.method == "HEAD" or answer.status_code == HTTPStatus.NOT_MODIFIED:
        answer.close()  # nobody will read to its end what is not sent
    return answer


@files.post("/<cycle>/<unit>/files/<int:file_id>/remove")
@signed_in
def remove(cycle: str, unit: str, file_id: int) -> AnyResponse:
    """Take a file out of a draft."""
    key = plan_key(cycle, unit)

    def detach(uow: UnitOfWork) -> str:
        document = visible_document(uow, current_user, key)
        _to_draft(document)
        file = get_file(uow.session, file_id)
        if file.document_id != document.id:
            raise PlanNotFound(f"Expected a file of {key}, but {file_id} is another's.", file=file_id)
        name = file.name
        commands.detach_file(uow, file_id)
        return name

    try:
        name = transact(detach)
    except EditionFrozen:
        flash(_("Meanwhile this edition was handed in or decided on; its files stay as they are."), "due")
    else:
        flash(_("“%(name)s” was taken out of the draft.", name=name), "done")
    return redirect(_back(key), code=303)


def _write_down(file: PlanFile, way: ReadingWay) -> None:
    """Write down that somebody reads a file, in a transaction of its own; nobody reads one that cannot be told."""
    if request.method == "HEAD":
        return
    begin = request.range.ranges[0][0] if request.range is not None else 0
    transact(lambda uow: keep_reading(uow.session, file, way=way, goes_on=bool(begin), actor=uow.actor, now=uow.now))


def _disposition(name: str, file_id: int, media_type: str, *, shown: bool) -> str:
    """Return the header with the Thai name (RFC 6266, 8187), and a plain one for what does not know that."""
    plain = f"file-{file_id}{KIND_OF_TYPE[media_type].ending}"
    return f"{'inline' if shown else 'attachment'}; filename={plain}; filename*=UTF-8''{quote(name, safe='')}"


def _to_draft(document: Document) -> None:
    if not may_draft(current_user, document):
        raise NotAuthorized


def _accepted(key: str, uploaded: Sequence[Uploaded]) -> AnyResponse:
    edition = uploaded[-1].edition
    if edition is None:
        told = ngettext("%(num)d file is with the plan now.", "%(num)d files are with the plan now.", len(uploaded))
    else:
        told = ngettext(
            "%(num)d file is in edition %(edition)s now.",
            "%(num)d files are in edition %(edition)s now.",
            len(uploaded),
            edition=edition,
        )
    if not request.headers.get("HX-Request"):
        flash(told, "done")
        return redirect(_back(key, edition), code=303)
    with reading() as read:
        answer = make_response(_part(key, told=told))
        labels = dict(edition_choices(read.session, key))
    if edition is not None:
        added = {"kind": "edition", "value": str(edition), "label": labels.get(edition, str(edition))}
        answer.headers["HX-Trigger"] = json.dumps({"reference-added": added})
    return answer


def _refused(key: str, wanted: Wanted, problems: Sequence[UploadProblem], *, status: int = 422) -> AnyResponse:
    log.info("upload_refused", plan=key, count=len(problems))
    if request.headers.get("HX-Request"):
        answer = make_response(_part(key, wanted=wanted, problems=problems), status)
    else:
        with reading() as read:
            document = visible_document(read, current_user, key)
            view = build_view(read, current_user, document)
            page = render_page(read, document, view, tab="documents", wanted=wanted, problems=problems)
        answer = make_response(page, status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _part(key: str, *, wanted: Wanted | None = None, problems: Sequence[UploadProblem] = (), told: str = "") -> str:
    with reading() as read:
        view = build_view(read, current_user, visible_document(read, current_user, key))
        return render_template(
            "plans/_documents.html",
            view=view,
            plan=view.page.summary,
            limit=composition().settings.upload_limit,
            wanted=wanted or Wanted(),
            problems=problems,
            told=told,
            beside=bool(request.form.get("beside")),
            back=local_address(request.form.get("next"), ""),
        )


def _back(key: str, edition: int | None = None) -> str:
    """Return where the person came from: the task, with the new edition to choose, or the plan's documents."""
    cycle, _sign, unit = key.partition("/")
    back = local_address(request.form.get("next"), "")
    if not back:
        return url_for("plans.plan", cycle=cycle, unit=unit, tab="documents", _anchor="parts")
    if edition is None:
        return back
    return f"{back}{'&' if '?' in back else '?'}edition={edition}"
