"""Who gets which answer at which address: the table that a test asks line by line and that auditors read as a page.

One line for each address, method and object; whoever a line does not name is refused. The test of the table
(tests/security/test_access_table.py) asks every line as everybody, so that it cannot say what the product does not do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from flask_babel import lazy_gettext as _l

from web.access_table.terms import (
    ADMINISTRATORS,
    AUDITORS,
    CLUSTER_PLANNERS,
    CYCLE_DESK,
    ELSEWHERE,
    EVERYBODY,
    IN_OFFICE,
    NOBODY,
    PLANNERS,
    READERS,
    SEES,
    SIGNED_IN,
    Answer,
    Line,
    Route,
    Thing,
    line,
    managed_lines,
    page_lines,
    seen_lines,
    task_lines,
    written_lines,
)

_PLANS: Final = (
    Thing.OWN_PLAN, Thing.CLUSTERS_PLAN, Thing.NEIGHBOURS_PLAN, Thing.PLAN_IN_REGION, Thing.FAR_PLAN,
    Thing.FINISHED_PLAN,
)  # fmt: skip
_FILES: Final = (Thing.OWN_PLAN, Thing.NEIGHBOURS_PLAN, Thing.FAR_PLAN, Thing.FINISHED_PLAN)
_CYCLES: Final = (Thing.CYCLE, Thing.FINISHED_CYCLE, Thing.FAR_CYCLE)
_READ_TASK: Final = task_lines(
    own=Answer.YES, open_=Answer.YES, colleague=Answer.YES, next_step=Answer.YES, finished=Answer.YES
)
_OWN: Final = (
    line(Thing.OWN_RECORD, SIGNED_IN, Answer.UNKNOWN),
    line(Thing.FOREIGN_RECORD, NOBODY, Answer.UNKNOWN),
    line(Thing.UNKNOWN, NOBODY, Answer.UNKNOWN),
)
_PASSED_OVER: Final = tuple(
    line(thing, SIGNED_IN, Answer.UNKNOWN) for thing in (Thing.OWN_RECORD, Thing.FOREIGN_RECORD, Thing.UNKNOWN)
)
"""Of what is not one's own nothing happens, and the answer is the same."""

_CHECKED: Final = page_lines(SIGNED_IN, answer=Answer.CHECKED)
_FIRST_STEP_FIRST: Final = page_lines(SIGNED_IN)  # who has signed in is led on, everybody else back to the first step
_OF_A_PART: Final = (
    # Whoever may write there is told of a part of another plan what is told of a part that does not exist.
    Line(Thing.FOREIGN_PART, {Answer.FORBIDDEN: SEES[Thing.OWN_PLAN] - PLANNERS}, Answer.UNKNOWN),
    Line(Thing.UNKNOWN, {Answer.FORBIDDEN: SEES[Thing.OWN_PLAN] - PLANNERS}, Answer.UNKNOWN),
    line(Thing.UNKNOWN_PLAN, NOBODY, Answer.UNKNOWN),
)
_CYCLE_DESK_ONLY: Final = (
    line(Thing.CYCLE, CYCLE_DESK, Answer.FORBIDDEN),
    Line(Thing.UNKNOWN, {Answer.UNKNOWN: CYCLE_DESK}, Answer.FORBIDDEN),
)


def _in(room: str, *routes: Route) -> Iterator[Route]:
    return (replace(route, room=room) for route in routes)


ROUTES: Final[tuple[Route, ...]] = (
    *_in(
        "everybody",
        Route("GET", "static", _l("Scripts, styles and fonts"), (
            line(Thing.KNOWN, EVERYBODY, Answer.UNKNOWN),
            line(Thing.UNKNOWN, EVERYBODY, Answer.UNKNOWN, answer=Answer.UNKNOWN),
        )),
        Route("GET", "health.healthz", _l("Tell whether the system is well"), page_lines(EVERYBODY)),
        Route("GET", "accounts.sign_in", _l("The page for signing in"), page_lines(EVERYBODY)),
        Route("POST", "accounts.sign_in_submit", _l("Sign in"), page_lines(EVERYBODY, answer=Answer.CHECKED)),
        Route("GET", "accounts.second_step", _l("The second step of signing in"), _FIRST_STEP_FIRST),
        Route("POST", "accounts.second_step_submit", _l("Check the second step of signing in"), _FIRST_STEP_FIRST),
        Route("POST", "accounts.sign_out", _l("Sign out"), page_lines(EVERYBODY)),
        Route("POST", "accounts.demo_switch", _l("Become a demo person, in demo mode only"), page_lines(EVERYBODY)),
        Route("POST", "preferences.language", _l("Choose the language"), page_lines(EVERYBODY)),
    ),
    *_in(
        "account",
        Route("GET", "preferences.token", _l("A fresh form token for a page that stayed open"), page_lines(SIGNED_IN)),
        Route("POST", "preferences.shortcuts", _l("Switch keyboard shortcuts on or off"), page_lines(SIGNED_IN)),
        Route("POST", "accounts.capacity", _l("Act in another of one's own positions"), (
            line(Thing.OWN_RECORD, IN_OFFICE | {ELSEWHERE}, Answer.FORBIDDEN),
            line(Thing.FOREIGN_RECORD, NOBODY, Answer.FORBIDDEN),
        )),
        Route("GET", "own_sessions.show", _l("One's own open sessions"), page_lines(SIGNED_IN)),
        Route("POST", "own_sessions.end", _l("End one of one's own sessions"), _PASSED_OVER),
        Route("GET", "own_password.show", _l("The form for another password"), page_lines(SIGNED_IN)),
        Route("POST", "own_password.change", _l("Change one's own password"), _CHECKED),
        Route("GET", "own_password.confirm", _l("The form for proving who one is"), page_lines(SIGNED_IN)),
        Route("POST", "own_password.confirm_submit", _l("Prove who one is"), _CHECKED),
        Route("GET", "own_factor.show", _l("One's own second step"), page_lines(SIGNED_IN)),
        Route("GET", "own_factor.set_up", _l("The picture for one's own authenticator"), page_lines(SIGNED_IN)),
        Route("POST", "own_factor.set_up_submit", _l("Set up one's own second step"), page_lines(SIGNED_IN)),
        Route("POST", "own_factor.new_codes", _l("Make new recovery codes of one's own"), page_lines(SIGNED_IN)),
        Route("POST", "own_factor.turn_off", _l("Turn one's own second step off"), page_lines(SIGNED_IN)),
        Route("GET", "notifications.index", _l("One's own messages"), page_lines(SIGNED_IN)),
        Route("GET", "notifications.bell", _l("How many messages are unread"), page_lines(SIGNED_IN)),
        Route(
            "GET", "notifications.follow", _l("Go to what a message is about"), _OWN,
            trace=_l("The message counts as read from then on."),
        ),
        Route("POST", "notifications.read_one", _l("Mark a message as read"), _PASSED_OVER),
        Route("POST", "notifications.read_all", _l("Mark all messages as read"), page_lines(SIGNED_IN)),
        Route("GET", "privacy.mine", _l("What is kept of oneself"), page_lines(SIGNED_IN)),
        Route("POST", "privacy.my_file", _l("Get what is kept of oneself as a file"), page_lines(SIGNED_IN)),
    ),
    *_in(
        "tasks",
        Route("GET", "tasks.home", _l("The first page"), page_lines(SIGNED_IN)),
        Route("GET", "tasks.inbox", _l("One's own lists of tasks"), page_lines(SIGNED_IN)),
        Route("GET", "tasks.show", _l("Look at a task"), _READ_TASK),
        Route("GET", "tasks.diagram", _l("The diagram of a task's process"), _READ_TASK),
        Route("POST", "tasks.claim", _l("Take a task"), task_lines(
            own=Answer.YES, open_=Answer.YES, colleague=Answer.CONFLICT, next_step=Answer.FORBIDDEN,
            finished=Answer.CONFLICT,
        )),
        Route("POST", "tasks.release", _l("Give a task back to the group"), task_lines(
            own=Answer.YES, open_=Answer.CONFLICT, colleague=Answer.FORBIDDEN, next_step=Answer.FORBIDDEN,
            finished=Answer.CONFLICT, repair={Thing.COLLEAGUES_TASK: Answer.YES, Thing.NEXT_STEP: Answer.CONFLICT},
        )),
        Route("POST", "tasks.hand_over", _l("Hand a task over to a colleague"), task_lines(
            own=Answer.YES, open_=Answer.YES, colleague=Answer.FORBIDDEN, next_step=Answer.FORBIDDEN,
            finished=Answer.CONFLICT, repair={Thing.COLLEAGUES_TASK: Answer.YES, Thing.NEXT_STEP: Answer.YES},
        )),
        Route("POST", "tasks.draft", _l("Keep what is typed into a task"), task_lines(
            own=Answer.YES, open_=Answer.FORBIDDEN, colleague=Answer.FORBIDDEN, next_step=Answer.FORBIDDEN,
            finished=Answer.YES,  # one's own: what was on its way when the task was sent is no conflict
        )),
        Route("POST", "tasks.complete", _l("Finish a task"), task_lines(
            own=Answer.YES, open_=Answer.YES, colleague=Answer.CONFLICT, next_step=Answer.FORBIDDEN,
            finished=Answer.CONFLICT,
        )),
    ),
    *_in(
        "plans",
        Route("GET", "plans.index", _l("The list of the plans that one sees"), page_lines(SIGNED_IN)),
        Route("GET", "plans.plan", _l("The page of a plan"), seen_lines(*_PLANS)),
        Route("GET", "plans.diagram", _l("The diagram of a plan's process"), seen_lines(*_PLANS)),
        Route("GET", "plans.files.download", _l("A file of a plan"), (
            *seen_lines(*_FILES), line(Thing.FOREIGN_PART, NOBODY, Answer.UNKNOWN),
        ), trace=_l("Who reads a file is written down.")),
        Route("GET", "plans.readers.index", _l("Who has read the files of a plan"), (
            *written_lines(
                {
                    **dict.fromkeys(_PLANS, ADMINISTRATORS | AUDITORS),
                    Thing.OWN_PLAN: READERS, Thing.FINISHED_PLAN: READERS,
                    Thing.CLUSTERS_PLAN: CLUSTER_PLANNERS | {"cluster_head"} | ADMINISTRATORS | AUDITORS,
                },
                *_PLANS,
            ),
            line(Thing.UNKNOWN, NOBODY, Answer.UNKNOWN),
        )),
        Route("POST", "plans.files.upload", _l("Attach a file to a plan"), (
            *written_lines(
                {
                    Thing.OWN_PLAN: PLANNERS, Thing.CLUSTERS_PLAN: CLUSTER_PLANNERS, Thing.FINISHED_PLAN: PLANNERS,
                },
                *_PLANS, ends=Answer.CHECKED,
            ),
            line(Thing.UNKNOWN, NOBODY, Answer.UNKNOWN),
        )),
        Route("POST", "plans.files.remove", _l("Take a file out of a draft"), (
            *written_lines({Thing.OWN_PLAN: PLANNERS, Thing.FINISHED_PLAN: PLANNERS}, *_FILES), *_OF_A_PART,
        )),
        Route("POST", "plans.observations.close", _l("Close a remark with the proof"), (
            *written_lines({Thing.OWN_PLAN: PLANNERS}, Thing.OWN_PLAN, Thing.NEIGHBOURS_PLAN, Thing.FAR_PLAN),
            *_OF_A_PART,
        )),
    ),
    *_in(
        "cycles",
        Route("GET", "cycles.index", _l("The list of planning cycles"), page_lines(SIGNED_IN)),
        Route("GET", "cycles.cycle", _l("The board of a cycle"), seen_lines(*_CYCLES)),
        Route("GET", "cycles.overview", _l("A cycle by cluster"), seen_lines(*_CYCLES)),
        Route("GET", "cycles.calendar", _l("The calendar of a cycle"), seen_lines(*_CYCLES)),
        Route("GET", "cycles.new", _l("The form for opening a cycle"), page_lines(CYCLE_DESK)),
        Route("POST", "cycles.create", _l("Open a cycle"), page_lines(CYCLE_DESK)),
        Route("GET", "cycles.reissue", _l("The form for another date"), _CYCLE_DESK_ONLY),
        Route("POST", "cycles.reissue_submit", _l("Give a step another date"), _CYCLE_DESK_ONLY),
    ),
    *_in(
        "administration",
        Route("GET", "processes.index", _l("The deployed processes"), page_lines(ADMINISTRATORS)),
        Route("GET", "processes.version", _l("A version of a process"), managed_lines()),
        Route("GET", "processes.diagram", _l("The diagram of a version"), managed_lines()),
        Route("GET", "processes.file", _l("A file of a version"), managed_lines()),
        Route("GET", "processes.deploy", _l("The form for a new version"), page_lines(ADMINISTRATORS)),
        Route("POST", "processes.deploy_submit", _l("Deploy a new version"), page_lines(ADMINISTRATORS)),
        Route("GET", "processes.instance", _l("A run of a process"), managed_lines()),
        Route("POST", "processes.act_on_instance", _l("Pause a run, let it go on, or end it"), managed_lines()),
        Route("POST", "processes.choose", _l("Begin optional work of a run"), managed_lines()),
        Route("GET", "operations.index", _l("What is stuck"), page_lines(ADMINISTRATORS)),
        Route("GET", "operations.show", _l("A case that is stuck"), managed_lines()),
        Route("POST", "operations.retry", _l("Try a failed step again"), managed_lines()),
        Route("POST", "operations.resolve", _l("Lay a case down"), managed_lines()),
        Route("POST", "operations.repair", _l("Repair the data of a case"), managed_lines()),
        Route("GET", "users.index", _l("The accounts"), page_lines(ADMINISTRATORS)),
        Route("GET", "users.show", _l("An account with its sessions"), managed_lines()),
        Route("POST", "users.end_sessions", _l("End the sessions of an account"), managed_lines()),
        Route("POST", "users.reset_second_factor", _l("Forget the second step of an account"), managed_lines()),
        Route("POST", "users.clear_waiting", _l("Let an account try again at once"), managed_lines()),
        Route("POST", "users.clear_bucket", _l("Let an address try again at once"), page_lines(ADMINISTRATORS)),
        Route("GET", "privacy.index", _l("The persons whose data are kept"), page_lines(ADMINISTRATORS)),
        Route("POST", "privacy.find", _l("Find a person by name"), page_lines(ADMINISTRATORS)),
        Route("GET", "privacy.person", _l("What is kept of a person"), managed_lines()),
        Route("POST", "privacy.file", _l("Get what is kept of a person as a file"), managed_lines()),
        Route("POST", "privacy.take_out", _l("Take a person out"), managed_lines(answer=Answer.CHECKED)),
        Route("GET", "rights.index", _l("This page"), page_lines(ADMINISTRATORS | AUDITORS)),
    ),
)  # fmt: skip


def routes_by_key(routes: Iterable[Route] = ROUTES) -> dict[tuple[str, str], Route]:
    """Return the routes by method and endpoint."""
    return {(route.method, route.endpoint): route for route in routes}
