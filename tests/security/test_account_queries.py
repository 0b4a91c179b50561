"""What the database is asked with every request, at sign-in and by administrators is found by index, however many there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, event

from tests.support.accounts import Accounts, attempt, begin, open_accounts


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    yield from open_accounts(request, tmp_path_factory.mktemp("accounts"))


@pytest.fixture
def office(opened: Accounts, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    return begin(opened, monkeypatch)


def plans(office: Accounts, sent: list[tuple[str, Any]]) -> str:
    """Return how the database would carry out these statements on large tables."""
    own, found = office.engine._database.engine, []
    lite = own.dialect.name == "sqlite"
    engine = own if lite else create_engine(own.url)  # a plain one, that waits for every answer
    with engine.connect() as connection:
        if not lite:
            connection.exec_driver_sql("SET enable_seqscan = off")  # small as they are, it would rather read all
        for statement, parameters in sent:
            rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if lite else ''}{statement}", parameters)
            found += [str(row) for row in rows]
        connection.rollback()
    if not lite:
        engine.dispose()
    return "\n".join(found)


def test_no_table_of_accounts_is_read_through(office: Accounts) -> None:
    office.sign_in()
    admin, sent = office.sign_in("admin"), []

    def collect(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        parameters = parameters[0] if many else parameters
        if re.search(r"\bweb_(session|account|throttle|second_factor|recovery_code)\b", statement):
            sent.append((statement, parameters))

    engine = office.engine._database.engine
    event.listen(engine, "before_cursor_execute", collect)
    try:
        attempt(office.visitor(), "somchai", "wrong")
        for path in ("/tasks", "/sessions", "/users?q=som", f"/users/{office.account().id}", "/account/second-factor"):
            assert admin.get(path).status_code == 200
        admin.post("/sessions/end", {"which": "others"})
    finally:
        event.remove(engine, "before_cursor_execute", collect)

    words = plans(office, sent)
    assert len(sent) > 20
    assert re.findall(r"(?:SCAN|Seq Scan on) web_\w+(?! USING)", words) == []
    assert {"uq_web_session_token_hash", "ix_web_session_account_id", "ix_web_throttle_free_at"} <= set(
        re.findall(r"\w+", words)
    ) | ({"uq_web_session_token_hash"} if "sqlite_autoindex_web_session" in words else set())
