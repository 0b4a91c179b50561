"""The first administrator is made by command only: no page makes an account, whatever is in the database."""

from __future__ import annotations

from sqlalchemy import select

from engine import ProcessEngine
from tests.support.web import PASSWORD, Browser, OfficeDirectory
from web import create_app
from web.accounts.models import Account
from web.config import Settings


def test_no_page_makes_an_account_not_even_on_an_empty_database(sqlite_url: str) -> None:
    engine = ProcessEngine.open(sqlite_url)
    app = create_app(Settings(secret_key="k" * 40), engine=engine, people=OfficeDirectory())
    browser, routes = Browser(app.test_client()), app.url_map.bind("localhost")
    form = {"login": "admin", "password": PASSWORD, "person": "admin", "next": "/", "new_password": PASSWORD}

    for rule in app.url_map.iter_rules():
        known = {name: getattr(rule._converters[name], "items", None) for name in rule.arguments}
        path = routes.build(rule.endpoint, {name: min(items) if items else 1 for name, items in known.items()})
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = browser.post(path, form) if method == "POST" else browser.get(path)
            assert answer.status_code != 500, path

    with engine.reading() as read:
        assert list(read.session.scalars(select(Account))) == []
    assert browser.post("/sign-in", form).status_code == 422
    engine.close()
