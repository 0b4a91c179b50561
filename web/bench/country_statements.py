"""The bulk statements of the country: each writes one table from the helper tables, the same rows on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from web.bench.big_country import Scale
    from web.bench.country_sql import Sql

_DAY: Final = 86_400
_RUNS: Final = 10
"""Runs of a plan: its own (0), consultations (1 to 7), its part of the national review (8) and of the cycle (9)."""


def runs(sql: Sql, scale: Scale) -> str:
    """Write the runs."""
    kind = (
        "CASE i % 10 WHEN 0 THEN CASE p.level WHEN 'province' THEN 'provincial-plan' ELSE 'cluster-plan' END"
        " WHEN 8 THEN 'national-review' WHEN 9 THEN 'planning-cycle' ELSE 'consultation' END"
    )
    return f"""
        INSERT INTO bpm_process_instance (id, definition_id, business_key, state, started_at, ended_at, started_by,
          parent_id, root_id, incidents, lock_version, history_count, history_head, variables)
        {sql.numbers(scale.runs)}
        SELECT i + 1, d.id, p.plan_key, CASE p.is_open WHEN 1 THEN 'active' ELSE 'completed' END,
          {sql.moment(f"p.opened + i % {_RUNS} * {_DAY}")},
          CASE p.is_open WHEN 0 THEN {sql.moment(f"p.opened + 170 * {_DAY}")} END, 'p0000',
          CASE WHEN i % {_RUNS} BETWEEN 1 AND 7 THEN i - i % {_RUNS} + 1 END, i - i % {_RUNS} + 1,
          0, 1, {40 if scale.history else 0}, {sql.no_hash}, '{{}}'
        FROM numbers JOIN bench_plan p ON p.n = i / {_RUNS}
        JOIN bpm_process_definition d ON d.key = {kind}"""  # noqa: S608


def runs_of_plans() -> str:
    """Tie each plan to its own run."""
    return f"UPDATE plan_document SET process_instance_id = (id - 1) * {_RUNS} + 1"  # noqa: S608


def draw_done(sql: Sql, scale: Scale, now: int) -> str:
    """Draw the done tasks into a helper table: evenly over all runs, in the order of time."""
    created = f"p.opened + {sql.die(0, 'i', 150)} * {_DAY} + {sql.die(1, 'i', 28_800)}"
    return f"""
        CREATE TEMPORARY TABLE bench_task AS
        {sql.numbers(scale.done_tasks)},
        placed AS (SELECT i, CAST(i AS BIGINT) * {scale.runs} / {scale.done_tasks} AS run FROM numbers),
        drawn AS (
          SELECT i + 1 AS id, run + 1 AS run_id, p.n AS plan, r.definition_id, p.level, p.unit, p.home, p.region,
            CASE WHEN {created} < {now} - 2 * {_DAY} THEN {created} ELSE {now} - 2 * {_DAY} END AS created,
            1 AS done
          FROM placed JOIN bench_plan p ON p.n = run / {_RUNS} JOIN bpm_process_instance r ON r.id = run + 1)
        {_positioned(sql, "created + " + str(20 * _DAY))}"""  # noqa: S608


def draw_open(sql: Sql, scale: Scale, now: int) -> str:
    """Draw the open tasks: round robin over the runs that are at work, a fifth late, a tenth without a date."""
    first = (scale.plans - scale.open_plans) * _RUNS
    due = (
        f"CASE WHEN {sql.die(2, 'id', 10)} = 0 THEN NULL"
        f" ELSE {now} - {now} % {_DAY} + 34200 + ({sql.die(3, 'id', 50)} - 10) * {_DAY} END"
    )
    return f"""
        INSERT INTO bench_task
        {sql.numbers(scale.open_tasks)},
        placed AS (SELECT i, {first} + i % {scale.open_plans * _RUNS} AS run FROM numbers),
        drawn AS (
          SELECT {scale.done_tasks} + i + 1 AS id, run + 1 AS run_id, p.n AS plan, r.definition_id, p.level, p.unit,
            p.home, p.region, {now} - (1 + {sql.die(0, "i", 60)}) * {_DAY} + {sql.die(1, "i", 28_800)} AS created,
            0 AS done
          FROM placed JOIN bench_plan p ON p.n = run / {_RUNS} JOIN bpm_process_instance r ON r.id = run + 1)
        {_positioned(sql, due)}"""  # noqa: S608


def _positioned(sql: Sql, due: str) -> str:
    """Give drawn tasks their step and position, and half of the open ones and all of the done ones a person."""
    step = sql.die(4, "drawn.id", "k.steps")
    position = "replace(replace(replace(e.position, '{unit}', unit), '{home}', home), '{region}', region)"
    return f""", positioned AS (
          SELECT drawn.*, e.element_id, e.process_id, e.name, e.stage, {due} AS due, {position} AS position
          FROM drawn JOIN bench_kind k ON k.definition_id = drawn.definition_id AND k.level = drawn.level
          JOIN bench_element e ON e.definition_id = drawn.definition_id AND e.level = drawn.level AND e.n = {step})
        SELECT positioned.id, run_id, plan, definition_id, element_id, process_id, name, stage, positioned.position,
          created, due, done,
          CASE WHEN done = 1 OR {sql.die(5, "positioned.id", 2)} = 0 THEN c.person END AS person
        FROM positioned JOIN bench_position o ON o.position = positioned.position
        JOIN bench_chair c ON c.position = o.position AND c.n = {sql.die(6, "positioned.id", "o.chairs")}"""  # noqa: S608


def tasks(sql: Sql) -> str:
    """Write the tasks."""
    return f"""
        INSERT INTO bpm_task (id, instance_id, definition_id, business_key, wait_id, part, element_id, name, state,
          assignee, candidate_groups, due_at, priority, created_at, claimed_at, ended_at, completed_by)
        SELECT t.id, run_id, definition_id, p.plan_key, 'w' || t.id, '', element_id, name,
          CASE WHEN done = 1 THEN 'completed' WHEN person IS NULL THEN 'created' ELSE 'assigned' END,
          person, '["' || position || '"]', {sql.moment("due")}, 50, {sql.moment("created")},
          CASE WHEN person IS NOT NULL THEN {sql.moment("created + 3600")} END,
          CASE WHEN done = 1 THEN {sql.moment("created + 7200")} END, CASE WHEN done = 1 THEN person END
        FROM bench_task t JOIN bench_plan p ON p.n = t.plan ORDER BY t.id"""  # noqa: S608


def candidates(sql: Sql) -> str:
    """Write who may take the open tasks, as lists read them."""
    return f"""
        INSERT INTO bpm_task_candidate (candidate, assignee, due_at, task_id)
        SELECT 'g:' || position, coalesce(person, ''), coalesce({sql.moment("due")}, {sql.never}), id
        FROM bench_task WHERE done = 0 ORDER BY 1, 2, 3, 4"""  # noqa: S608


def steps(sql: Sql) -> str:
    """Write the path of each plan."""
    return f"""
        INSERT INTO plan_step (id, cycle_id, document_id, process_id, element_id, stage, task_id, name, groups,
          due_step, state, opened_at, original_due, due, done_at, actor, capacity, working_days_late)
        SELECT t.id, p.cycle_id, p.document_id, process_id, element_id, stage, CAST(t.id AS TEXT), name, position,
          '', CASE WHEN done = 1 THEN 'done' ELSE 'open' END, {sql.moment("created")}, {sql.moment("due")},
          {sql.moment("due")}, CASE WHEN done = 1 THEN {sql.moment("created + 7200")} END,
          CASE WHEN done = 1 THEN person END, CASE WHEN done = 1 THEN position END, CASE WHEN done = 1 THEN 0 END
        FROM bench_task t JOIN bench_plan p ON p.n = t.plan ORDER BY t.id"""  # noqa: S608


def clocks(sql: Sql) -> str:
    """Write the record of each due date."""
    return f"""
        INSERT INTO clock_clock (id, task_id, instance_id, business_key, process_id, element_id, name, unit, groups,
          users, assignee, started_by, started_at, rule, basis, original_due, due, state, ended_at,
          working_days_late, next_rung, next_at)
        SELECT t.id, t.id, run_id, p.plan_key, process_id, element_id, name, p.unit, position, '',
          CASE WHEN done = 0 THEN person END, 'task_opened', {sql.moment("created")}, '', name, {sql.moment("due")},
          {sql.moment("due")}, CASE WHEN done = 1 THEN 'met' ELSE 'running' END,
          CASE WHEN done = 1 THEN {sql.moment("created + 7200")} END, CASE WHEN done = 1 THEN 0 END,
          CASE WHEN done = 0 THEN 1 END, CASE WHEN done = 0 THEN {sql.moment(f"due + {_DAY}")} END
        FROM bench_task t JOIN bench_plan p ON p.n = t.plan WHERE due IS NOT NULL ORDER BY t.id"""  # noqa: S608


def history(sql: Sql) -> str:
    """Write 40 lines for each run: its start, and for each step that it was entered, opened, taken and done."""
    return f"""
        INSERT INTO bpm_history (instance_id, seq, at, actor, capacity, kind, element_id, details, hash)
        {sql.numbers(40)}
        SELECT r.id, i + 1, {sql.moment(f"p.opened + i * 3 * {_DAY}")}, 'p00' || (10 + (r.id + i) % 20), 'nesdc@TH',
          CASE WHEN i = 0 THEN 'instance_started' WHEN i % 4 = 1 THEN 'element_entered' WHEN i % 4 = 2
            THEN 'task_created' WHEN i % 4 = 3 THEN 'task_claimed' ELSE 'task_completed' END,
          CASE WHEN i > 0 THEN e.element_id END, '{{"task":"' || (r.id * 10 + (i - 1) / 4) || '"}}', {sql.no_hash}
        FROM bpm_process_instance r JOIN bench_plan p ON p.n = (r.id - 1) / {_RUNS}
        JOIN bench_kind k ON k.definition_id = r.definition_id AND k.level = p.level
        CROSS JOIN numbers
        JOIN bench_element e ON e.definition_id = r.definition_id AND e.level = p.level
          AND e.n = (r.id + (i + 3) / 4) % k.steps
        ORDER BY r.id, i"""  # noqa: S608


def messages(sql: Sql, scale: Scale, now: int) -> str:
    """Write what everybody was told: as much to each, of which one in twenty is unread."""
    person = "'p' || substr('000' || (i % 2109), -4)"
    if sql.is_postgresql:
        person = "'p' || lpad((i % 2109)::text, 4, '0')"
    kind = "CASE i % 4 WHEN 0 THEN 'due_soon' WHEN 1 THEN 'due_today' WHEN 2 THEN 'overdue' ELSE 'overdue_below' END"
    due = sql.iso(sql.moment("coalesce(t.due, t.created)"))
    facts = (
        """'{"clock":' || t.id || ',"task_id":"' || t.id || '","name":"' || t.name || '","process_id":"'"""
        """ || t.process_id || '","element_id":"' || t.element_id || '","business_key":"' || p.plan_key"""
        f""" || '","unit":"' || p.unit || '","due":"' || {due} || '","rung":-3,"""
        """"working_days_late":' || (i % 9) || ',"as":"owner","group":"' || t.position || '","assignee":null}'"""
    )
    return f"""
        INSERT INTO note_notification (id, person_id, kind, key, facts, created_at, read_at)
        {sql.numbers(scale.messages)}
        SELECT i + 1, {person}, {kind}, 'bench:' || i, {facts},
          {sql.moment(f"{now} - ({scale.messages} - i) * 60")},
          CASE WHEN i < {scale.messages - scale.messages // 20} THEN
            {sql.moment(f"{now} - ({scale.messages} - i) * 60 + 30")} END
        FROM numbers
        JOIN bench_task t ON t.id = 1 + i % {scale.done_tasks + scale.open_tasks}
        JOIN bench_plan p ON p.n = t.plan"""  # noqa: S608
