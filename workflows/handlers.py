"""Service-task types → verbs of the domain, in the engine's transaction."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from engine import BpmnError, HandlerContext, TaskHandler
from workflows.plans import consultations, cycles, decisions, documents, inputs, review
from workflows.plans.models import Consultation, Cycle, Document
from workflows.plans.package import package_of
from workflows.plans.parties import Parties
from workflows.plans.states import Body, EditionState, Level, Outcome, Presence, Sector, Subject
from workflows.plans.values import code, mapping, number, text

Answer = Mapping[str, object] | None


class Handlers:
    """The handlers of the shipped diagrams; `table` gives them their names."""

    def __init__(self, parties: Parties) -> None:
        self._parties = parties

    def table(self) -> dict[str, TaskHandler]:
        """Return every handler by the type that diagrams use."""
        return {
            "cycle.set_calendar": self.set_calendar,
            "cycle.record_decision": self.record_criteria,
            "cycle.issue": self.issue,
            "cycle.apply_reissue": self.apply_reissue,
            "cycle.close": self.close_cycle,
            "plan.open": self.open_plan,
            "plan.keep_return": self.keep_return,
            "plan.record_decision": self.record_decision,
            "plan.submit": self.submit,
            "plan.keep_unchanged": self.keep_unchanged,
            "plan.note_outcome": self.note_outcome,
            "plan.announce": self.announce,
            "cluster.submit_input": self.submit_input,
            "cluster.read_cut_off": self.read_cut_off,
            "cluster.close_inputs": self.close_inputs,
            "cluster.settle_addendum": self.settle_addendum,
            "consultation.open": self.open_consultation,
            "consultation.invite": self.invite,
            "consultation.keep_opinions": self.keep_opinions,
            "consultation.keep_minutes": self.keep_minutes,
            "consultation.keep_answers": self.keep_answers,
            "consultation.close": self.close_consultation,
            "review.open_bundle": self.open_bundle,
            "review.log_arrival": self.log_arrival,
            "review.record_screening": self.record_screening,
            "review.make_bundle": self.make_bundle,
            "review.national_item": self.national_item,
            "review.record": self.record_outcomes,
            "review.count_rest": self.count_rest,
        }

    # --- the cycle

    def set_calendar(self, context: HandlerContext) -> Answer:
        """Take the calendar from the criteria."""
        cycle = _cycle(context)
        cycles.set_calendar(context.session, cycle, mapping(context.variables.get("criteria")).get("calendar"))
        return None

    def record_criteria(self, context: HandlerContext) -> Answer:
        """Record what a national body decided on the criteria."""
        about = decisions.About(
            cycle=_cycle(context), body=code(Body, context.headers["body"]), subject=Subject.CRITERIA
        )
        _record(context, about)
        return None

    def issue(self, context: HandlerContext) -> Answer:
        """Open the plans of all units."""
        cycle = _cycle(context)
        opened = cycles.issue(context.session, cycle, context.variables.get("circular"))
        return cycles.plans_to_start(context.session, cycle, opened)

    def apply_reissue(self, context: HandlerContext) -> Answer:
        """Hand the calendar as it stands now back to the process."""
        return {"calendar": cycles.calendar_rows(context.session, _cycle(context))}

    def close_cycle(self, context: HandlerContext) -> Answer:
        """Close the cycle."""
        cycles.close(context.session, _cycle(context))
        return None

    # --- a plan

    def open_plan(self, context: HandlerContext) -> Answer:
        """Open a plan's file: whom it asks for data, and which provinces owe a cluster their input."""
        cycle, document = _plan(context)
        documents.open_document(context.session, document, instance_id=context.instance_id, now=context.now)
        if document.level == Level.CLUSTER:
            return {"members": inputs.members_of(context.session, cycle, document)}
        parties = self._parties.owing_data(context.session, document.unit, context.now)
        asked = [party.row() for party in parties]
        inputs.ask_for_data(context.session, document, asked)
        return {"agencies": asked}

    def keep_return(self, context: HandlerContext) -> Answer:
        """Keep an agency's data."""
        _, document = _plan(context)
        unit = text(mapping(context.variables.get("agency")), "unit")
        returned = context.variables.get("returned")
        inputs.keep_return(context.session, document, unit, returned, actor=context.actor, now=context.now)
        return None

    def record_decision(self, context: HandlerContext) -> Answer:
        """Record a committee's resolution on a plan."""
        cycle, document = _plan(context)
        subject = code(Subject, context.headers.get("subject", Subject.PLAN))
        wanted = number(context.variables, "edition") if subject is Subject.PLAN else None
        edition = documents.get_edition(context.session, document, wanted) if wanted is not None else None
        body = code(Body, context.headers["body"])
        _record(context, decisions.About(cycle=cycle, body=body, subject=subject, document=document, edition=edition))
        return None

    def submit(self, context: HandlerContext) -> Answer:
        """Hand a plan in; without the plan itself there is no package."""
        cycle, document = _plan(context)
        edition = documents.get_edition(context.session, document, _edition_number(context) or 0)
        package = package_of(context.session, document, edition)
        if not package.has_plan:
            raise BpmnError("package_incomplete", "Expected the plan itself in the package, but there is no file.")
        body = Body.GOVERNOR if document.level == Level.PROVINCE else Body.CLUSTER_HEAD
        about = decisions.About(cycle=cycle, body=body, document=document, edition=edition)
        signature = context.variables.get("signature")
        signed = dict(mapping(signature)) | {"outcome": Outcome.SIGN}
        decisions.record(context.session, about, signed, actor=context.actor, now=context.now)
        documents.submit(context.session, document, edition, signature, now=context.now)
        return {"submission": {"edition": edition.number, "missing": list(package.missing), "unchanged": False}}

    def keep_unchanged(self, context: HandlerContext) -> Answer:
        """Keep the plan in force for this cycle."""
        _, document = _plan(context)
        signature = context.variables.get("signature")
        documents.keep_unchanged(context.session, document, signature, now=context.now)
        return {"submission": {"edition": None, "missing": [], "unchanged": True}}

    def note_outcome(self, context: HandlerContext) -> Answer:
        """Take what a national body let the plan know."""
        _, document = _plan(context)
        decisions.note_outcome(context.session, document, context.variables.get("review"))
        return None

    def announce(self, context: HandlerContext) -> Answer:
        """Publish the approved plan."""
        _, document = _plan(context)
        documents.announce(context.session, document, context.variables.get("announcement"))
        if document.level == Level.CLUSTER:
            inputs.carry_over_the_rest(context.session, document)
        return None

    # --- the cluster's inputs

    def submit_input(self, context: HandlerContext) -> Answer:
        """Send a province's input to its cluster."""
        cycle, document = _plan(context)
        given = context.variables.get("input")
        sent = inputs.submit_input(context.session, cycle, document, given, actor=context.actor, now=context.now)
        return {"cluster_input": sent}

    def read_cut_off(self, context: HandlerContext) -> Answer:
        """Read the cut-off as it stands now."""
        cycle, document = _plan(context)
        return {"cut_off": inputs.read_cut_off(context.session, cycle, document, now=context.now)}

    def close_inputs(self, context: HandlerContext) -> Answer:
        """Close the intake and name who is missing."""
        cycle, document = _plan(context)
        return inputs.close_inputs(context.session, cycle, document, now=context.now)

    def settle_addendum(self, context: HandlerContext) -> Answer:
        """Settle a late input."""
        _, document = _plan(context)
        inputs.settle_addendum(context.session, document, context.variables.get("addendum"))
        return None

    # --- the consultation

    def open_consultation(self, context: HandlerContext) -> Answer:
        """Open a round on an edition, which does not change any more, and propose whom to invite."""
        _, document = _plan(context)
        wanted = _edition_number(context)
        if wanted is not None:
            edition = documents.get_edition(context.session, document, wanted)
            documents.freeze(context.session, edition, EditionState.SUBMITTED)
        opened = consultations.open_consultation(
            context.session, document, edition=wanted, instance_id=context.instance_id, now=context.now
        )
        parties = self._parties.of_consultation(context.session, document.unit, context.now)
        return {
            "consultation": opened.id,
            "suggested": [{"sector": party.sector, "name": party.name} for party in parties],
        }

    def invite(self, context: HandlerContext) -> Answer:
        """Invite; who has an inbox here may give opinions before the meeting."""
        consultation, document = _consultation(context)
        known = [party.row() for party in self._parties.of_consultation(context.session, document.unit, context.now)]
        invited = consultations.invite(
            context.session,
            consultation,
            context.variables.get("meeting"),
            context.variables.get("invitation"),
            known=known,
            now=context.now,
        )
        names = consultations.SECTOR_NAMES
        return {
            "participants": [
                {"unit": row.unit, "role": row.role, "name": row.name, "sector": row.sector}
                for row in invited
                if row.unit and row.role
            ],
            "invited": [
                {
                    "id": row.id,
                    "sector_name": names[Sector(row.sector)],
                    "name": row.name,
                    "status": Presence.ATTENDED,
                }
                for row in invited
            ],
        }

    def keep_opinions(self, context: HandlerContext) -> Answer:
        """Keep what an invited party wrote."""
        consultation, _ = _consultation(context)
        party = mapping(context.variables.get("participant"))
        consultations.keep_opinions(
            context.session,
            consultation,
            mapping(context.variables.get("given")).get("opinions"),
            channel="before",
            now=context.now,
            speaker=text(party, "name"),
            sector=code(Sector, party.get("sector")),
        )
        return None

    def keep_minutes(self, context: HandlerContext) -> Answer:
        """Keep the minutes; every opinion now waits for its answer."""
        consultation, _ = _consultation(context)
        consultations.keep_minutes(context.session, consultation, context.variables.get("minutes"), now=context.now)
        names = consultations.SECTOR_NAMES
        return {
            "unanswered": [
                {
                    "id": opinion.id,
                    "speaker": " · ".join(filter(None, [names[Sector(opinion.sector)], opinion.speaker])),
                    "on_what": opinion.on_what,
                    "text": opinion.text,
                }
                for opinion in consultations.opinions_of(context.session, consultation)
            ]
        }

    def keep_answers(self, context: HandlerContext) -> Answer:
        """Keep the answers."""
        consultation, _ = _consultation(context)
        answers = context.variables.get("answers")
        must_amend = consultations.keep_answers(
            context.session, consultation, answers, actor=context.actor, now=context.now
        )
        return {"must_amend": must_amend}

    def close_consultation(self, context: HandlerContext) -> Answer:
        """Close the round."""
        consultation, _ = _consultation(context)
        consultations.close(context.session, consultation, edition=_edition_number(context), now=context.now)
        return None

    # --- the national review

    def open_bundle(self, context: HandlerContext) -> Answer:
        """Open the next bundle."""
        return review.open_bundle(context.session, _cycle(context))

    def log_arrival(self, context: HandlerContext) -> Answer:
        """Log a plan that came in."""
        cycle, document = _plan(context)
        submission = context.variables.get("submission")
        arrival = review.log_arrival(context.session, cycle, document, submission, actor=context.actor, now=context.now)
        return {"arrival": arrival}

    def record_screening(self, context: HandlerContext) -> Answer:
        """Record the central team's result."""
        cycle, document = _plan(context)
        told = review.record_screening(
            context.session,
            cycle,
            document,
            context.variables.get("arrival"),
            context.variables.get("decision"),
            actor=context.actor,
            now=context.now,
        )
        return {"review": told}

    def make_bundle(self, context: HandlerContext) -> Answer:
        """Sort the bundle by region."""
        return review.make_bundle(context.session, _cycle(context))

    def national_item(self, context: HandlerContext) -> Answer:
        """Make the one item of all plans."""
        return review.national_item(context.session, _cycle(context))

    def record_outcomes(self, context: HandlerContext) -> Answer:
        """Record a body's outcome for each plan."""
        body = code(Body, context.headers["body"])
        decision = context.variables.get("decision")
        return review.record_outcomes(
            context.session, _cycle(context), body, decision, actor=context.actor, now=context.now
        )

    def count_rest(self, context: HandlerContext) -> Answer:
        """Tell whether plans are left for a further bundle."""
        return review.count_rest(context.session, _cycle(context), context.variables.get("intake"))


def _cycle(context: HandlerContext) -> Cycle:
    return cycles.get_cycle(context.session, text(context.variables, "cycle"))


def _plan(context: HandlerContext) -> tuple[Cycle, Document]:
    document = documents.get_document(context.session, text(context.variables, "plan_key"))
    return _cycle_of(context.session, document), document


def _consultation(context: HandlerContext) -> tuple[Consultation, Document]:
    consultation = consultations.get_consultation(context.session, number(context.variables, "consultation") or 0)
    document = context.session.get(Document, consultation.document_id)
    assert document is not None
    return consultation, document


def _cycle_of(session: Session, document: Document) -> Cycle:
    cycle = session.get(Cycle, document.cycle_id)
    assert cycle is not None
    return cycle


def _edition_number(context: HandlerContext) -> int | None:
    return number(context.variables, "edition")


def _record(context: HandlerContext, about: decisions.About) -> None:
    decision = context.variables.get("decision")
    decisions.record(context.session, about, decision, actor=context.actor, now=context.now)
