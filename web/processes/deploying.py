"""A new version by upload: every problem at once in words, and a clear answer when two administrators do it at once."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from engine import Deployment, DeploymentRejected, ProcessDefinition
from web.access import requires_role
from web.composition import Reading, composition, directory, reading, transact
from web.intake import takes_files
from web.processes.blueprint import ADMINISTRATOR, blueprint
from web.processes.gate_texts import ToldProblem, told_all
from web.processes.uploads import Upload, read_upload
from web.processes.versions import author_of

_OTHERS_TOLD = 20


@blueprint.get("/processes/deploy")
@requires_role(ADMINISTRATOR)
def deploy() -> str:
    """Ask for the files of a new version."""
    with reading() as read:
        return _form(Upload(seen=_newest(read)))


@blueprint.post("/processes/deploy")
@requires_role(ADMINISTRATOR)
@takes_files
def deploy_submit() -> str | tuple[str, int] | Response:
    """Deploy the files, or tell everything that keeps them from being deployed."""
    upload = read_upload(
        request.files.getlist("files"),
        note=request.form.get("note", ""),
        version_tag=request.form.get("version_tag", ""),
        seen=request.form.get("seen", 0, type=int),
        config=composition().engine.config,
    )
    if upload.errors:
        return _form(upload), 422
    tag = upload.version_tag or None
    try:
        done = transact(lambda uow: uow.deployments.deploy(upload.files, note=upload.note, version_tag=tag))
    except DeploymentRejected as rejected:
        return _form(upload, told_all(rejected.problems)), 422
    return _tell(done, upload)


def _form(upload: Upload, problems: Sequence[ToldProblem] = ()) -> str:
    parts = composition()
    return render_template(
        "processes/deploy.html",
        upload=upload,
        problems=problems,
        config=parts.engine.config,
        limit=parts.settings.upload_limit,
    )


def _tell(done: Deployment, upload: Upload) -> Response:
    """Say for each process what has become of it, and what others did meanwhile."""
    for definition in done.definitions:
        facts = {"name": definition.name or definition.key, "version": definition.version}
        if definition.id in done.new_ids:
            flash(_("“%(name)s”: version %(version)s is deployed; new plans use it from now on.", **facts), "done")
        else:
            flash(_("“%(name)s”: the same bytes are deployed already as version %(version)s; no new version.", **facts))
    for decision in done.decisions:
        if decision.deployed_at == done.at:
            facts = {"name": decision.name, "version": decision.version}
            flash(_("Decision “%(name)s”: version %(version)s is deployed.", **facts), "done")
    with reading() as read:
        for other, by in _meanwhile(read, done, upload):
            facts = {"name": other.name or other.key, "version": other.version, "by": by}
            flash(
                _("While you were at it, %(by)s deployed “%(name)s” version %(version)s. Compare the two.", **facts),
                "due",
            )
    if len(done.definitions) == 1:
        return redirect(url_for("processes.version", definition_id=done.definitions[0].id), code=303)
    return redirect(url_for("processes.index"), code=303)


def _meanwhile(read: Reading, done: Deployment, upload: Upload) -> list[tuple[ProcessDefinition, str]]:
    """Return the versions of the same processes that others deployed since the page was opened."""
    others = [
        found
        for definition in done.definitions
        for found in read.deployments.find(process_id=definition.key, limit=_OTHERS_TOLD)
        if found.id > upload.seen and found.id not in done.new_ids and found.author != current_user.person_id
    ]
    names = directory().names_of(read.session, {other.author for other in others})
    return [(other, author_of(other, names)) for other in others]


def _newest(read: Reading) -> int:
    found = read.deployments.find(limit=1)
    return found[0].id if found else 0
