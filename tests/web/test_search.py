"""Searching tasks by words: parts of Thai words, signs that mean themselves, walls, pages, and every list at once."""

from __future__ import annotations

import re

import pytest

from engine import describe_subjects
from tests.support.web import GOVERNOR, LAMPHUN, PLANNERS, Browser, Office

LAMPANG, NEIGHBOUR = "plan:TH-52", "plan:TH-51"


@pytest.fixture
def planner(office: Office) -> Browser:
    """Somebody of Lampang; one plan of the own province and one of the neighbour's are described."""
    with office.engine.unit_of_work() as uow:
        words = {LAMPANG: "แผนพัฒนาจังหวัดลำปาง พ.ศ. 2571–2575", NEIGHBOUR: "แผนพัฒนาจังหวัดลำพูน พ.ศ. 2571–2575"}
        describe_subjects(uow.session, words)
    office.start(LAMPANG, groups=PLANNERS)
    office.start(NEIGHBOUR, groups=LAMPHUN)
    return office.browser("somchai")


def found(browser: Browser, text: str, **more: str) -> int:
    """Return how many tasks a search shows."""
    answer = browser.get("/tasks", query_string={"q": text, **more})
    assert answer.status_code == 200
    return len(re.findall(r"data-task-row=", answer.text))


@pytest.mark.parametrize(
    "text",
    ["ยกร่าง", "กร่างแ", "ร่", "ลำปาง", "ำปา", "จังหวัดลํา", "๒๕๗๑", "2571–2575", "PLAN:th-52", "  ลำปาง  ", "เเผนพัฒนา"],
)
def test_any_part_of_a_name_or_subject_finds_the_task(planner: Browser, text: str) -> None:
    assert found(planner, text) == 1


@pytest.mark.parametrize(
    "text",
    ["ลำปาง%", "_ำปาง", '"ลำปาง"', "ลำปาง OR ลำพูน", "NOT ลำพูน", "ลำ*", "'; DROP TABLE bpm_task; --", "\\\\", "((", "ก" * 5_000],
)  # fmt: skip
def test_signs_mean_themselves(planner: Browser, text: str) -> None:
    assert found(planner, text) == 0
    assert found(planner, "ลำปาง") == 1


def test_what_others_work_on_is_not_found(planner: Browser, office: Office) -> None:
    assert found(planner, "ลำพูน") == 0
    assert found(office.browser("lamphun"), "ลำพูน") == 1
    assert found(office.browser("lamphun"), "ลำปาง") == 0


def test_a_search_leads_to_the_list_where_something_is(planner: Browser, office: Office) -> None:
    task = office.taken("somchai", key="plan:done")
    office.engine.complete(task.id, {"title": "ก"}, "somchai")

    page = planner.get("/tasks", query_string={"q": "plan:done"}).text

    assert re.search(r'tab=waiting[^"]*" aria-current="page"', page)  # now it is with the governor
    assert "พิจารณาแผน" in page


def test_the_lists_say_how_much_of_the_search_they_have(planner: Browser, office: Office) -> None:
    office.taken("somchai", key=LAMPANG)

    page = planner.get("/tasks", query_string={"q": "ลำปาง", "tab": "takeable"}).text

    counts = re.findall(r'tab=(\w+)[^"]*"[^>]*>[^<]*<span class="count">([^<]*)</span>', page)
    assert counts == [("mine", "1"), ("takeable", "1"), ("waiting", "0"), ("done", "0")]


def test_what_is_found_comes_in_pages(planner: Browser, office: Office) -> None:
    for _ in range(60):
        office.start(LAMPANG)

    first = planner.get("/tasks", query_string={"q": "ลำปาง", "tab": "takeable"}).text
    following = re.search(r'rel="next" href="([^"]+)"', first) or re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    second = planner.get(following[1].replace("&amp;", "&")).text

    rows = [re.findall(r'data-task-row="(\d+)"', page) for page in (first, second)]
    assert [len(page) for page in rows] == [50, 11]
    assert not set(rows[0]) & set(rows[1])


def test_a_subject_is_found_by_its_new_words_only(planner: Browser, office: Office) -> None:
    with office.engine.unit_of_work() as uow:
        describe_subjects(uow.session, {LAMPANG: "แผนพัฒนาเขลางค์นคร"})

    assert found(planner, "เขลางค์") == 1
    assert found(planner, "ลำปาง") == 0


def test_without_an_index_of_words_searches_find_the_same(planner: Browser, office: Office) -> None:
    from engine.services import search

    with office.engine._database.engine.begin() as connection:
        for name in ("added", "changed", "removed"):
            connection.exec_driver_sql(f"DROP TRIGGER tr_bpm_subject_{name}")
        connection.exec_driver_sql("DROP TABLE bpm_subject_words")
    search._indexed.clear()

    assert found(planner, "ำปา") == 1
    assert found(planner, "ลำพูน") == 0


def test_the_governor_finds_what_waits_for_the_governor(planner: Browser, office: Office) -> None:
    task = office.taken("somchai", key=LAMPANG)
    office.engine.complete(task.id, {"title": "ก"}, "somchai")

    assert found(office.browser("wichai"), "ลำปาง") == 1
    assert GOVERNOR in office.engine.tasks(business_key=LAMPANG, element_id="decide")[0].candidate_groups
