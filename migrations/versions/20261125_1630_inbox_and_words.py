"""Lists read in their order from one stretch of the candidates; subjects and names of tasks are searched by words."""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op
from lxml import etree

revision = "20261125_1630"
down_revision = "20261125_1625"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OPEN = "state IN ('created', 'assigned')"
OPEN_OF = sa.text(f"{OPEN} AND business_key IS NOT NULL")
DONE_OF = sa.text("state = 'completed' AND business_key IS NOT NULL")
USER_TASK = "{http://www.omg.org/spec/BPMN/20100524/MODEL}userTask"
PROCESS = "{http://www.omg.org/spec/BPMN/20100524/MODEL}process"
CHUNK = 1_000
# Thai digits are read as the others; two SARA E typed for one SARA AE look exactly like it.
_SAME = str.maketrans({chr(0x0E50 + digit): str(digit) for digit in range(10)})
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\\x00-\\x08\\x0e-\\x1f\\x7f]")
_TONE_AFTER_NIKHAHIT = re.compile("\u0e4d([\u0e48-\u0e4b])")


def upgrade() -> None:
    _make_candidates()
    op.create_index(
        "ix_bpm_task_done_subject",
        "bpm_task",
        ["completed_by", "business_key", "state"],
        unique=False,
        sqlite_where=DONE_OF,
        postgresql_where=DONE_OF,
    )
    op.create_index(
        "ix_bpm_task_open_subject",
        "bpm_task",
        ["business_key", "due_at", "id"],
        unique=False,
        sqlite_where=OPEN_OF,
        postgresql_where=OPEN_OF,
    )
    op.create_index(
        "ix_bpm_task_open_step",
        "bpm_task",
        ["definition_id", "element_id", "due_at", "id", "business_key", "assignee", "state"],
        unique=False,
        sqlite_where=OPEN_OF,
        postgresql_where=OPEN_OF,
    )
    op.create_table(
        "bpm_subject",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bpm_subject"),
        sa.UniqueConstraint("key", name="uq_bpm_subject_key"),
    )
    op.create_table(
        "bpm_task_name",
        sa.Column("definition_id", BIG, nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["bpm_process_definition.id"], name="fk_bpm_task_name_definition_id"
        ),
        sa.PrimaryKeyConstraint("definition_id", "element_id", name="pk_bpm_task_name"),
        sqlite_with_rowid=False,
    )
    op.drop_index("ix_plan_step_cycle_id_state", table_name="plan_step")
    op.create_index(
        "ix_plan_step_cycle_id_state",
        "plan_step",
        ["cycle_id", "state", "document_id", "stage", "due", "working_days_late"],
        unique=False,
    )
    _index_words()
    _write_names()
    _write_subjects()


def downgrade() -> None:
    connection = op.get_bind()
    op.drop_index("ix_plan_step_cycle_id_state", table_name="plan_step")
    op.create_index("ix_plan_step_cycle_id_state", "plan_step", ["cycle_id", "state"], unique=False)
    if connection.dialect.name == "sqlite":
        for name in ("added", "changed", "removed"):
            op.execute(f"DROP TRIGGER IF EXISTS tr_bpm_subject_{name}")
        op.execute("DROP TABLE IF EXISTS bpm_subject_words")
    op.drop_table("bpm_task_name")
    op.drop_table("bpm_subject")
    op.drop_index("ix_bpm_task_open_step", table_name="bpm_task")
    op.drop_index("ix_bpm_task_open_subject", table_name="bpm_task")
    op.drop_index("ix_bpm_task_done_subject", table_name="bpm_task")
    op.drop_table("bpm_task_candidate")
    op.create_table(
        "bpm_task_candidate",
        sa.Column("candidate", sa.Text(), nullable=False),
        sa.Column("task_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["bpm_task.id"], name="fk_bpm_task_candidate_task_id"),
        sa.PrimaryKeyConstraint("candidate", "task_id", name="pk_bpm_task_candidate"),
        sqlite_with_rowid=False,
    )
    _write_candidates("candidate, task_id", "v.candidate, t.id", anybody=False)


def _make_candidates() -> None:
    op.drop_table("bpm_task_candidate")  # all of it stands in the tasks themselves
    op.create_table(
        "bpm_task_candidate",
        sa.Column("candidate", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("task_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["bpm_task.id"], name="fk_bpm_task_candidate_task_id"),
        sa.PrimaryKeyConstraint("candidate", "assignee", "due_at", "task_id", name="pk_bpm_task_candidate"),
        sqlite_with_rowid=False,
    )
    never = "'9999-12-31 00:00:00.000000'"
    if op.get_bind().dialect.name == "postgresql":
        never = "timestamptz '9999-12-31 00:00:00+00'"
    columns = f"v.candidate, coalesce(t.assignee, ''), coalesce(t.due_at, {never}), t.id"
    _write_candidates("candidate, assignee, due_at, task_id", columns, anybody=True)


def _write_candidates(names: str, columns: str, *, anybody: bool) -> None:
    each = "json_array_elements_text({}::json) AS e(value)"
    if op.get_bind().dialect.name == "sqlite":
        each = "json_each({}) AS e"
    known = " UNION ".join(
        f"SELECT t.id, '{sign}:' || e.value AS candidate FROM bpm_task t, {each.format('t.' + column)}"  # noqa: S608
        f" WHERE t.{OPEN} AND t.{column} IS NOT NULL"
        for sign, column in (("g", "candidate_groups"), ("u", "candidate_users"))
    )
    if anybody:
        none = "candidate_groups IS NULL AND candidate_users IS NULL"
        known += f" UNION SELECT id, '*' FROM bpm_task WHERE {OPEN} AND {none}"  # noqa: S608
    op.execute(
        f"INSERT INTO bpm_task_candidate ({names})"  # noqa: S608
        f" SELECT {columns} FROM ({known}) v JOIN bpm_task t ON t.id = v.id ORDER BY 1, 2"
    )


def _index_words() -> None:
    """Index the words where the database can; where it cannot, searches read every subject."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        try:
            with connection.begin_nested():
                op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
                op.execute("CREATE INDEX ix_bpm_subject_words ON bpm_subject USING gin (words gin_trgm_ops)")
        except sa.exc.DBAPIError:
            return  # neither is the extension there nor may we make it: `saanphaen doctor` says so
        return
    try:
        op.execute(
            "CREATE VIRTUAL TABLE bpm_subject_words USING fts5"
            "(words, content = 'bpm_subject', content_rowid = 'id', tokenize = 'trigram case_sensitive 1')"
        )
    except sa.exc.DBAPIError:
        return  # SQLite without FTS5
    removed = "INSERT INTO bpm_subject_words(bpm_subject_words, rowid, words) VALUES ('delete', old.id, old.words);"
    added = "INSERT INTO bpm_subject_words(rowid, words) VALUES (new.id, new.words);"
    for name, when, body in (
        ("added", "INSERT", added),
        ("changed", "UPDATE OF words", removed + added),
        ("removed", "DELETE", removed),
    ):
        op.execute(f"CREATE TRIGGER tr_bpm_subject_{name} AFTER {when} ON bpm_subject BEGIN {body} END")


def _write_names() -> None:
    """Write the names of the user tasks of every version that was ever deployed."""
    connection = op.get_bind()
    diagrams = connection.execute(
        sa.text(
            "SELECT d.id, d.key, r.content FROM bpm_process_definition d"
            " JOIN bpm_bundle_file b ON b.definition_id = d.id AND b.kind = 'diagram'"
            " JOIN bpm_resource r ON r.sha256 = b.sha256"
        )
    )
    rows = []
    for definition_id, key, content in diagrams.all():
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        for process in etree.fromstring(bytes(content), parser).iter(PROCESS):
            if process.get("id") == key:
                rows += [
                    {"d": definition_id, "e": task.get("id"), "w": _fold(task.get("name") or task.get("id", ""))}
                    for task in process.iter(USER_TASK)
                ]
    _insert("INSERT INTO bpm_task_name (definition_id, element_id, words) VALUES (:d, :e, :w)", rows)


def _write_subjects() -> None:
    """Write what business keys name: plans with their titles and units, cycles by their names, others by themselves."""
    connection = op.get_bind()
    known = dict.fromkeys(
        connection.execute(
            sa.text("SELECT DISTINCT business_key FROM bpm_process_instance WHERE business_key IS NOT NULL")
        ).scalars(),
        "",
    )
    for named in ("SELECT code, name FROM plan_cycle", "SELECT plan_key, title FROM plan_document"):
        known |= {row[0]: row[1] for row in connection.execute(sa.text(named))}
    rows = [{"k": key, "w": _fold(f"{key} {words}")} for key, words in sorted(known.items())]
    _insert("INSERT INTO bpm_subject (key, words) VALUES (:k, :w)", rows)


def _insert(statement: str, rows: list[dict[str, object]]) -> None:
    for start in range(0, len(rows), CHUNK):
        op.get_bind().execute(sa.text(statement), rows[start : start + CHUNK])


def _fold(text: str) -> str:
    """Return a text as it was searched when this was written; what is searched later may change, this may not.

    One form of composed letters (NFKC; a SARA AM in two parts, its tone mark before or after), no case, Arabic for Thai
    digits, one space for each gap, nothing invisible.
    """
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold().translate(_SAME)
    plain = _TONE_AFTER_NIKHAHIT.sub("\\1\u0e4d", plain).replace("เเ", "แ")
    return " ".join(plain.split())
