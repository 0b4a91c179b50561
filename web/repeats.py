"""The same form sent twice: by a double click, from another window, or again after the line broke before the answer."""

from __future__ import annotations

from flask_login import current_user

from web.composition import reading


def was_done(instance_id: str, kind: str, **details: object) -> bool:
    """Tell whether the latest act of this kind on a run is this very one: the same person, the same words.

    The history says so, which is written in the transaction of the act itself; a form that is refused because it has
    done its work already is then answered as the first time. The same act with other words stays refused.
    """
    with reading() as read:
        latest = read.history.latest(instance_id, limit=1, kinds=(kind,))
    if not latest or latest[0].actor != current_user.person_id:
        return False
    return all(latest[0].details.get(name, "") == value for name, value in details.items())
