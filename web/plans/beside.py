"""What the room of plans shows beside a task: files with upload, remarks to answer, where the plan stands; names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy.orm import Session

from engine import Task
from web.composition import Reading, composition
from web.panels import Panel, Panels, Subject
from web.plans.page import PlanView, build_view, visible_document
from web.plans.uploads import Wanted
from web.preferences import here
from web.sight import sight
from web.task_forms import Option
from workflows.plans.documents import find_document
from workflows.plans.errors import PlanNotFound
from workflows.plans.queries import SubjectName, edition_choices, file_choices, subjects
from workflows.plans.values import mapping, text
from workflows.plans.visibility import seen_plans


def register(panels: Panels) -> None:
    """Register all of it."""
    panels.add_subjects(name_subjects)
    panels.add_reference("edition", lambda read, task: _options(edition_choices, read, task))
    panels.add_reference("file", lambda read, task: _options(file_choices, read, task))
    panels.add_panel(standing_panel, order=10)
    panels.add_panel(documents_panel, order=20)
    panels.add_panel(remarks_panel, order=30)


def name_subjects(read: Reading, keys: Sequence[str]) -> Mapping[str, Subject]:
    """Name plans and cycles; the link leads to the page of those that the person sees."""
    found = subjects(read.session, keys)
    seen = seen_plans(read.session, sight(), [key for key, name in found.items() if name.plan_key])
    return {key: Subject(name.title, name.unit, _address(name, seen)) for key, name in found.items()}


def standing_panel(read: Reading, task: Task) -> Panel | None:
    """Where the plan stands."""
    view = _view(read, task)
    if view is None:
        return None
    return Panel("standing", str(_("Where the plan stands")), "plans/_panel_standing.html", {"view": view})


def documents_panel(read: Reading, task: Task) -> Panel | None:
    """Editions with their files; whoever writes the plan uploads here."""
    view = _view(read, task)
    if view is None:
        return None
    context = {
        "view": view,
        "limit": composition().settings.upload_limit,
        "wanted": Wanted(),
        "back": here(),
    }
    return Panel("documents", str(_("Editions and files")), "plans/_panel_documents.html", context, open=True)


def remarks_panel(read: Reading, task: Task) -> Panel | None:
    """The remarks that the next edition must answer, for those who write it."""
    view = _view(read, task)
    if view is None or not view.may_draft or not view.open_observations:
        return None
    count = len(view.open_observations)
    title = ngettext("%(num)d remark to answer", "%(num)d remarks to answer", count)
    return Panel("remarks", title, "plans/_panel_remarks.html", {"view": view}, open=True)


def _view(read: Reading, task: Task) -> PlanView | None:
    """Return the plan that a task is about, when the person sees it; assembled once for all panels of the page."""
    known: dict[str, PlanView | None] = g.setdefault("plans_beside_task", {})
    if task.id not in known:
        key = _plan_of(read, task)
        try:
            document = visible_document(read, current_user, key) if key else None
        except PlanNotFound:
            document = None
        known[task.id] = build_view(read, current_user, document) if document is not None else None
    return known[task.id]


def _plan_of(read: Reading, task: Task) -> str:
    """Return the key of the plan: the task's own, or in the national review the one that its scope names."""
    if task.business_key and find_document(read.session, task.business_key) is not None:
        return task.business_key
    return text(mapping(task.variables.get("plan")), "plan_key")


def _options(
    choices: Callable[[Session, str], Sequence[tuple[int, str]]], read: Reading, task: Task
) -> Sequence[Option]:
    key = _plan_of(read, task)
    return [Option(label, number) for number, label in choices(read.session, key)] if key else []


def _address(name: SubjectName, seen: Collection[str]) -> str:
    if not name.plan_key:
        return url_for("cycles.cycle", code=name.cycle)
    unit = name.plan_key.removeprefix(f"{name.cycle}/")
    return url_for("plans.plan", cycle=name.cycle, unit=unit) if name.plan_key in seen else ""
