"""Pages about data of persons: one's own for everybody; those of one person and taking them out for administrators."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import or_, select
from werkzeug.wrappers import Response as AnyResponse

from web.access import requires_role, signed_in
from web.composition import Reading, directory, reading, transact
from web.privacy.anonymising import NothingToErase, StillActing, anonymise, preview, record_act
from web.privacy.exporting import counts, export
from web.privacy.person import find_subject
from web.privacy.words import KEPT_WORDS, TABLE_WORDS
from workflows.organization.models import Person

ADMINISTRATOR: Final = "system_admin"
LONGEST_REASON: Final = 1_000
LONGEST_NAMES: Final = 2_000
MOST_FOUND: Final = 50
blueprint = Blueprint("privacy", __name__)


@dataclass(slots=True)
class Wish:
    """An anonymisation as it was typed, with what is wrong with it."""

    reason: str = ""
    also: str = ""
    sure: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The other ways in which the name is written, one a line."""
        return [line.strip() for line in self.also.splitlines() if line.strip()]


@blueprint.get("/my-data")
@signed_in
def mine() -> str:
    """Show what is kept of oneself, why and how long."""
    with reading() as read:
        subject = find_subject(read.session, current_user.person_id)
        found = counts(read.session, subject)
        person = read.session.get(Person, subject.id)
        shown = [
            (TABLE_WORDS[table], number, KEPT_WORDS[table]) for table, number in found.items() if table in TABLE_WORDS
        ]
        return render_template(
            "privacy/mine.html", subject=subject, email=person.email if person else None, shown=shown
        )


@blueprint.post("/my-data/file")
@signed_in
def my_file() -> Response:
    """Send everything that is kept of oneself as a file."""

    def give(uow: Reading) -> str:
        subject = find_subject(uow.session, current_user.person_id)
        record_act(uow, "export", subject, reason="own", counts=counts(uow.session, subject))
        return "".join(export(uow.session, subject, uow.now, texts=False))

    return _as_file(transact(give))


@blueprint.get("/privacy")
@requires_role(ADMINISTRATOR)
def index() -> str:
    """Offer the persons of the organisation, those who have left first."""
    return _people("")


@blueprint.post("/privacy")
@requires_role(ADMINISTRATOR)
def find() -> str:
    """Find a person by name; sent as a form, because a name does not belong into an address."""
    return _people(request.form.get("name", "").strip()[:100])


def _people(wanted: str) -> str:
    with reading() as read:
        query = select(Person).order_by(Person.left_at.is_(None), Person.name).limit(MOST_FOUND)
        if wanted:
            query = query.where(or_(Person.id == wanted, Person.name.contains(wanted, autoescape=True)))
        return render_template(
            "privacy/index.html", people=read.session.scalars(query).all(), wanted=wanted, most=MOST_FOUND
        )


@blueprint.get("/privacy/<person_id>")
@requires_role(ADMINISTRATOR)
def person(person_id: str) -> str:
    """Show what is kept of a person, what would go and what stays by law."""
    with reading() as read:
        return _person_page(read, person_id, Wish())


@blueprint.post("/privacy/<person_id>/file")
@requires_role(ADMINISTRATOR)
def file(person_id: str) -> Response | tuple[str, int]:
    """Send everything that is kept of a person as a file; with a reason, which is kept."""
    wish = Wish(reason=request.form.get("reason", "").strip())
    _check_reason(wish)
    if wish.errors:
        with reading() as read:
            return _person_page(read, person_id, wish, about="export"), 422

    def give(uow: Reading) -> str:
        subject = find_subject(uow.session, person_id)
        record_act(uow, "export", subject, reason=wish.reason, counts=counts(uow.session, subject))
        return "".join(export(uow.session, subject, uow.now, texts=True))

    return _as_file(transact(give))


@blueprint.post("/privacy/<person_id>/anonymise")
@requires_role(ADMINISTRATOR)
def take_out(person_id: str) -> AnyResponse | tuple[str, int]:
    """Take a person out of what is kept."""
    wish = Wish(
        reason=request.form.get("reason", "").strip(),
        also=request.form.get("also", "")[:LONGEST_NAMES],
        sure=bool(request.form.get("sure")),
    )
    _check_reason(wish)
    if not wish.sure:
        wish.errors["sure"] = _("Say that you have read what goes: it cannot be undone.")
    if not wish.errors:
        try:
            done = transact(
                lambda uow: anonymise(uow, find_subject(uow.session, person_id, also=wish.names), reason=wish.reason)
            )
        except (StillActing, NothingToErase):
            wish.errors["sure"] = _("Meanwhile something has changed: look again at what is shown above.")
        else:
            flash(_("The person was taken out. Where the name stood, it now says %(ref)s.", ref=done.reference), "done")
            return redirect(url_for("privacy.index"), code=303)
    with reading() as read:
        return _person_page(read, person_id, wish), 422


def _person_page(read: Reading, person_id: str, wish: Wish, *, about: str = "anonymise") -> str:
    subject = find_subject(read.session, person_id, also=wish.names)
    found = preview(read, subject)
    return render_template(
        "privacy/person.html",
        subject=subject,
        found=found,
        positions=[directory().group_title(read.session, position) for position in found.positions],
        own=counts(read.session, subject),
        words=TABLE_WORDS,
        kept=KEPT_WORDS,
        wish=wish,
        about=about,
    )


def _check_reason(wish: Wish) -> None:
    if not wish.reason:
        wish.errors["reason"] = _("Write why: it is kept for good.")
    elif len(wish.reason) > LONGEST_REASON:
        wish.errors["reason"] = _("The reason is longer than 1,000 characters: shorten it.")


def _as_file(content: str) -> Response:
    answer = Response(content, mimetype="application/json")
    answer.headers["Content-Disposition"] = "attachment; filename=personal-data.json"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return answer
