"""The floor of requests: a bare Flask application with bare SQL that does what the product does for a completion.

For each: the session's row and person, the form's token, the two fields checked, then in one transaction the key
against repetition, the office of the person and what `ApprovalFloor` writes, the draft dropped; after it what comes
next, for the message, and the next task of the person's list, to go on to. Run as `python -m web.bench.bare_app`.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import threading
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, abort, flash, redirect, render_template_string, request, session
from flask_wtf import CSRFProtect
from gunicorn.app.base import BaseApplication
from typing_extensions import override
from werkzeug.wrappers import Response

from web.bench.approval_floor import ApprovalFloor

TABLES: Final = """
CREATE TABLE bare_person (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE bare_holding (person TEXT NOT NULL, position TEXT NOT NULL, PRIMARY KEY (person, position));
CREATE TABLE bare_session (token TEXT PRIMARY KEY, person TEXT NOT NULL, seen_at MOMENT NOT NULL);
CREATE TABLE bare_command (key TEXT PRIMARY KEY, at MOMENT NOT NULL);
CREATE TABLE bare_draft (task_id INTEGER PRIMARY KEY, typed TEXT NOT NULL)
"""
_WHO: Final = "SELECT p.id, p.name FROM bare_session s JOIN bare_person p ON p.id = s.person WHERE s.token = ?"
_HOLDS: Final = """
SELECT 1 FROM bare_holding h JOIN floor_task t ON t.candidate = h.position
WHERE h.person = ? AND t.id = ? AND t.state = 'created'
"""
_FOLLOWING: Final = """
SELECT n.name, n.candidate FROM floor_task t JOIN floor_task n ON n.instance_id = t.instance_id AND n.state = 'created'
WHERE t.id = ? LIMIT 3
"""
_NEXT: Final = """
SELECT t.id FROM floor_task t JOIN bare_holding h ON h.position = t.candidate
WHERE h.person = ? AND t.state = 'created' ORDER BY t.id LIMIT 1
"""
_PAGE: Final = '<meta name="csrf-token" content="{{ csrf_token() }}">'


def create_app(url: str) -> Flask:
    """Make the application; every thread has a connection of its own."""
    app = Flask(__name__)
    app.config.update(SECRET_KEY="k" * 48, SESSION_COOKIE_HTTPONLY=True)
    CSRFProtect(app)
    own = threading.local()

    def rows() -> ApprovalFloor:
        if not hasattr(own, "rows"):
            own.rows = ApprovalFloor(url, prepare=False)
        found: ApprovalFloor = own.rows
        return found

    app.extensions["rows"] = rows

    @app.get("/")
    @app.get("/sign-in")
    def page() -> str:
        return render_template_string(_PAGE)

    @app.post("/sign-in")
    def sign_in() -> Response:
        token = secrets.token_urlsafe(32)
        store = rows()
        with store.floor.transaction():
            store.floor.execute(
                "INSERT INTO bare_session VALUES (?, ?, ?)", (token, request.form["login"], store.now())
            )
        session["token"] = token
        return redirect("/", code=HTTPStatus.SEE_OTHER)

    @app.post("/tasks/<int:task_id>/complete")
    def complete(task_id: int) -> Response:
        store = rows()
        person = store.floor.execute(_WHO, (session.get("token", ""),)).fetchone()
        if person is None:
            abort(401)
        comment = request.form.get("v:comment", "").strip()
        if len(comment) > 200:  # noqa: PLR2004 - the form's limit
            abort(422)
        values: dict[str, object] = {"comment": comment, "approved": request.form.get("v:approved") == "1"}
        _finish(store, task_id, str(person[0]), values)
        steps = ", ".join(f"{name} ({who})" for name, who in store.floor.execute(_FOLLOWING, (task_id,)).fetchall())
        flash(f"Finished {task_id}. Next: {steps}.")
        following = store.floor.execute(_NEXT, (person[0],)).fetchone()
        return redirect(f"/tasks/{following[0]}" if following else "/", code=HTTPStatus.SEE_OTHER)

    return app


def _finish(store: ApprovalFloor, task_id: int, person: str, values: dict[str, object]) -> None:
    with store.floor.transaction():
        key = f"complete:{task_id}:{person}:{request.form.get('once', '')}"
        store.floor.execute("INSERT INTO bare_command VALUES (?, ?)", (key, store.now()))
        if store.floor.execute(_HOLDS, (person, task_id)).fetchone() is None:
            abort(403)
        store.advance(task_id, person, "governor@" + person.rpartition("@")[2], values)
        store.floor.execute("DELETE FROM bare_draft WHERE task_id = ?", (task_id,))


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """The application under gunicorn, set as the product's."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        super().__init__()

    @override
    def load_config(self) -> None:
        given: dict[str, Any] = {
            "bind": f"fd://{self._options.socket}",
            "workers": self._options.workers,
            "threads": self._options.threads,
            "worker_class": "gthread",
            "keepalive": 5,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in given.items():
            self.cfg.set(name, value)

    @override
    def load(self) -> Flask:
        return create_app(self._options.database)


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(prog="python -m web.bench.bare_app")
    parser.add_argument("--database", required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--socket", type=int, required=True)
    options = parser.parse_args()
    sys.argv = sys.argv[:1]  # gunicorn reads none of them
    _Server(options).run()


if __name__ == "__main__":
    main()
