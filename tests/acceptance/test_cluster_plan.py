"""The cluster plan beside its provinces: inputs in any order, a cut-off, addenda, missing members by name."""

from __future__ import annotations

import datetime as dt

from tests.acceptance.story import MEETING, NESDC, Story
from workflows.plans import commands
from workflows.plans.queries.registers import inputs_to

INPUT = {"projects": "เส้นทางเชื่อมสองจังหวัด", "summary": "ประโยชน์ร่วม"}


def missing(story: Story) -> list[str]:
    rows = story.task("consolidate", "NU1").variables["missing"]
    assert isinstance(rows, list)
    return [str(row["name"]) for row in rows]


def states(story: Story) -> dict[str, str]:
    with story.engine.reading() as read:
        return {row.province: row.state for row in inputs_to(read.session, story.document("NU1"))}


def test_the_cluster_goes_on_as_soon_as_all_members_have_sent_their_input(story: Story) -> None:
    story.open_cycle("NU1", "TH-50", "TH-52")
    story.do("decide_review", MEETING, "revise", unit="NU1")

    story.do("cluster_input", INPUT, unit="TH-52")
    assert "consolidate" not in story.open("NU1")
    story.do("cluster_input", INPUT, unit="TH-50")

    assert story.open("NU1") == ["consolidate"]
    assert missing(story) == []


def test_inputs_that_come_before_the_cluster_listens_are_not_lost(story: Story) -> None:
    story.open_cycle("NU1", "TH-50", "TH-52")
    story.do("cluster_input", INPUT, unit="TH-52")
    story.do("cluster_input", INPUT, unit="TH-50")

    story.do("decide_review", MEETING, "revise", unit="NU1")

    assert story.open("NU1") == ["consolidate"]


def test_at_the_cut_off_the_cluster_goes_on_and_names_who_is_missing(story: Story) -> None:
    story.open_cycle("NU1", "TH-50", "TH-52")
    story.do("decide_review", MEETING, "revise", unit="NU1")
    story.do("cluster_input", INPUT, unit="TH-50")

    story.clock.advance(days=31)
    story.engine.run_due()

    assert missing(story) == ["ลำปาง"]


def test_a_late_input_becomes_an_addendum_that_neither_restarts_nor_blocks(story: Story) -> None:
    story.open_cycle("NU1", "TH-50", "TH-52")
    story.do("decide_review", MEETING, "revise", unit="NU1")
    story.do("cluster_input", INPUT, unit="TH-50")
    story.clock.advance(days=31)
    story.engine.run_due()
    story.do("consolidate", {"note": "รวมแล้ว"}, unit="NU1")

    story.do("cluster_input", INPUT, unit="TH-52")

    assert story.open("NU1") == ["draft", "settle_addendum"]
    story.do("settle_addendum", {}, "carry_over", unit="NU1", comment="พิจารณาในฉบับหน้า")
    assert story.open("NU1") == ["draft"]
    assert states(story) == {"TH-50": "received", "TH-52": "carried_over"}


def test_a_re_issued_cut_off_moves_the_cluster_that_waits_for_it(story: Story) -> None:
    story.open_cycle("NU1", "TH-50", "TH-52")
    story.do("decide_review", MEETING, "revise", unit="NU1")
    later = story.clock.now().date() + dt.timedelta(days=60)
    with story.engine.unit_of_work(NESDC) as uow:
        commands.reissue_due(uow, story.cycle, step="cluster_inputs", due=later, reason="อุทกภัย", order_ref="มติ ครม.")

    story.clock.advance(days=45)
    story.engine.run_due()
    assert "consolidate" not in story.open("NU1")
    story.clock.advance(days=20)
    story.engine.run_due()

    assert missing(story) == ["เชียงใหม่", "ลำปาง"]


def test_a_cluster_that_changes_nothing_ends_though_inputs_may_still_come(story: Story) -> None:
    story.open_cycle("NU1", "TH-50")
    story.do("decide_review", MEETING, "no_change", unit="NU1", comment="ไม่มีเหตุกระทบเป้าหมาย")

    story.do("sign_unchanged", {"document_number": "ว 2", "document_date": "2026-01-06"}, unit="NU1")

    (cluster,) = [one for one in story.engine.instances(limit=100) if one.process_id == "cluster-plan"]
    assert str(cluster.state) == "completed"
    story.do("cluster_input", INPUT, unit="TH-50")
    assert states(story) == {"TH-50": "received"}
