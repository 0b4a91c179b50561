"""The access table as auditors read it: every address and every line of it, and nothing that the table does not say."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.support.walls import Walls
from web.access_table import (
    EVERYBODY,
    IN_OFFICE,
    NATION,
    NO_POSITION,
    PROVINCE,
    ROUTES,
    SIGNED_IN,
    Answer,
)
from web.rights.words import ANSWERS, ROOMS, THINGS, standings, who_words

LINES = [line for route in ROUTES for line in route.lines]


def answers_on(page: str) -> list[str]:
    return re.findall(r'class="rights-(\w+)"', page)


@pytest.mark.parametrize("who", ["home-auditor", "home-system_admin", "acting-system_admin"])
def test_auditors_and_administrators_read_every_address_and_every_line(walls: Walls, who: str) -> None:
    page = unescape(walls.ask(who, "GET", "/rights").text)

    for rule in walls.product.app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert f"{method} {rule.rule}<" in page
    assert page.count("<td data-head=") == 2 * len(LINES)
    assert f"{len(ROUTES)} ที่อยู่ {len(LINES)} กรณี" in page


@pytest.mark.parametrize("who", ["governor", "auditor", "elsewhere", "no_position", "anonymous"])
def test_cut_to_one_role_the_page_says_what_the_table_answers_it(walls: Walls, who: str) -> None:
    page = walls.ask("home-auditor", "GET", f"/rights?who={who}").text

    assert answers_on(page) == [line.answer(who).value for line in LINES]


def test_a_role_that_there_is_not_counts_as_not_said(walls: Walls) -> None:
    page = walls.ask("home-auditor", "GET", "/rights?who=%3Cscript%3E").text

    assert "<script>" not in page.split("<main")[1]
    assert len(answers_on(page)) > len(LINES)


def test_everybody_is_told_once_on_each_line(walls: Walls) -> None:
    with walls.product.app.test_request_context("/"):
        for line in LINES:
            groups = {answer: {who for who in EVERYBODY if line.answer(who) is answer} for answer in Answer}
            assert sum(map(len, groups.values())) == len(EVERYBODY)
            assert all(who_words(members) for members in groups.values() if members)


def test_sets_of_roles_are_told_by_the_name_of_their_group(walls: Walls) -> None:
    with walls.product.app.test_request_context("/"):
        known = standings()

        assert who_words(EVERYBODY) == "ทุกคน"
        assert who_words(SIGNED_IN) == "ทุกคนที่ลงชื่อเข้าใช้แล้ว"
        assert who_words(IN_OFFICE) == "ทุกบทบาท"
        assert who_words(PROVINCE | {"nesdc"}) == f"จังหวัด, {known['nesdc']}"
        assert who_words(NATION - {"system_admin"}) == f"หน่วยงานระดับชาติยกเว้น{known['system_admin']}"
        assert who_words({NO_POSITION}) == known[NO_POSITION]


def test_every_term_of_the_table_has_words() -> None:
    assert {line.thing for line in LINES} <= THINGS.keys()
    assert set(Answer) == ANSWERS.keys()
    assert {route.room for route in ROUTES} == ROOMS.keys()


def test_the_page_has_its_place_among_the_administration(walls: Walls) -> None:
    assert 'href="/rights"' in walls.ask("home-auditor", "GET", "/tasks").text
    assert 'href="/rights"' not in walls.ask("home-governor", "GET", "/tasks").text
