"""The engine's tables, and triggers that keep history append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261124_1200"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "bpm_command",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_bpm_command"),
    )
    op.create_index("ix_bpm_command_at", "bpm_command", ["at"], unique=False)
    op.create_table(
        "bpm_deployment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bpm_deployment"),
    )
    op.create_table(
        "bpm_message",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("correlation_key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("instance_id", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bpm_message"),
    )
    op.create_index(
        "ix_bpm_message_buffered",
        "bpm_message",
        ["name", "correlation_key", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'buffered'"),
        postgresql_where=sa.text("state = 'buffered'"),
    )
    op.create_index(
        "ix_bpm_message_expires_at",
        "bpm_message",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("state = 'buffered'"),
        postgresql_where=sa.text("state = 'buffered'"),
    )
    op.create_index(
        "uq_bpm_message_message_id",
        "bpm_message",
        ["name", "correlation_key", "message_id"],
        unique=True,
        sqlite_where=sa.text("message_id IS NOT NULL"),
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_table(
        "bpm_outbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bpm_outbox"),
    )
    op.create_table(
        "bpm_resource",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_bpm_resource"),
    )
    op.create_table(
        "bpm_process_definition",
        sa.Column("id", BIG, nullable=False),
        sa.Column("deployment_id", BIG, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_tag", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("bundle_hash", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("deployed_at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["bpm_deployment.id"], name="fk_bpm_process_definition_deployment_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bpm_process_definition"),
        sa.UniqueConstraint("key", "version", name="uq_bpm_process_definition_key_version"),
    )
    op.create_index(
        "ix_bpm_process_definition_deployment_id", "bpm_process_definition", ["deployment_id"], unique=False
    )
    op.create_index(
        "ix_bpm_process_definition_key_version_tag", "bpm_process_definition", ["key", "version_tag"], unique=False
    )
    op.create_table(
        "bpm_bundle_file",
        sa.Column("definition_id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["bpm_process_definition.id"], name="fk_bpm_bundle_file_definition_id"
        ),
        sa.ForeignKeyConstraint(["sha256"], ["bpm_resource.sha256"], name="fk_bpm_bundle_file_sha256"),
        sa.PrimaryKeyConstraint("definition_id", "name", name="pk_bpm_bundle_file"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bpm_process_instance",
        sa.Column("id", BIG, nullable=False),
        sa.Column("definition_id", BIG, nullable=False),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("parent_wait_id", sa.Text(), nullable=True),
        sa.Column("parent_part", sa.Text(), nullable=True),
        sa.Column("parent_element_id", sa.Text(), nullable=True),
        sa.Column("root_id", BIG, nullable=True),
        sa.Column("message_name", sa.Text(), nullable=True),
        sa.Column("message_key", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("incidents", sa.Integer(), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.Column("history_count", sa.Integer(), nullable=False),
        sa.Column("history_head", sa.LargeBinary(), nullable=False),
        sa.Column("variables", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["bpm_process_definition.id"], name="fk_bpm_process_instance_definition_id"
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["bpm_process_instance.id"], name="fk_bpm_process_instance_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bpm_process_instance"),
    )
    op.create_index("ix_bpm_process_instance_business_key", "bpm_process_instance", ["business_key"], unique=False)
    op.create_index(
        "ix_bpm_process_instance_definition_id_state", "bpm_process_instance", ["definition_id", "state"], unique=False
    )
    op.create_index(
        "ix_bpm_process_instance_parent_id",
        "bpm_process_instance",
        ["parent_id"],
        unique=False,
        sqlite_where=sa.text("parent_id IS NOT NULL"),
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    op.create_index("ix_bpm_process_instance_root_id", "bpm_process_instance", ["root_id"], unique=False)
    op.create_index(
        "ix_bpm_process_instance_started_by_message",
        "bpm_process_instance",
        ["message_name", "message_key"],
        unique=False,
        sqlite_where=sa.text("message_key IS NOT NULL"),
        postgresql_where=sa.text("message_key IS NOT NULL"),
    )
    op.create_table(
        "bpm_history",
        sa.Column("instance_id", BIG, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["bpm_process_instance.id"], name="fk_bpm_history_instance_id"),
        sa.PrimaryKeyConstraint("instance_id", "seq", name="pk_bpm_history"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bpm_job",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("definition_id", BIG, nullable=True),
        sa.Column("instance_id", BIG, nullable=True),
        sa.Column("element_id", sa.Text(), nullable=True),
        sa.Column("wait_id", sa.Text(), nullable=True),
        sa.Column("part", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lock_owner", sa.Text(), nullable=True),
        sa.Column("lock_until", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["definition_id"], ["bpm_process_definition.id"], name="fk_bpm_job_definition_id"),
        sa.ForeignKeyConstraint(["instance_id"], ["bpm_process_instance.id"], name="fk_bpm_job_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bpm_job"),
    )
    op.create_index(
        "ix_bpm_job_due",
        "bpm_job",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting' AND NOT held AND kind <> 'external'"),
        postgresql_where=sa.text("state = 'waiting' AND NOT held AND kind <> 'external'"),
    )
    op.create_index(
        "ix_bpm_job_external",
        "bpm_job",
        ["type", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'locked') AND kind = 'external'"),
        postgresql_where=sa.text("state IN ('waiting', 'locked') AND kind = 'external'"),
    )
    op.create_index(
        "ix_bpm_job_open_definition",
        "bpm_job",
        ["definition_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'locked', 'failed')"),
        postgresql_where=sa.text("state IN ('waiting', 'locked', 'failed')"),
    )
    op.create_index(
        "ix_bpm_job_open_wait",
        "bpm_job",
        ["instance_id", "wait_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'locked', 'failed')"),
        postgresql_where=sa.text("state IN ('waiting', 'locked', 'failed')"),
    )
    op.create_table(
        "bpm_state_part",
        sa.Column("instance_id", BIG, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["bpm_process_instance.id"], name="fk_bpm_state_part_instance_id"),
        sa.PrimaryKeyConstraint("instance_id", "part", name="pk_bpm_state_part"),
    )
    op.create_table(
        "bpm_subscription",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("correlation_key", sa.Text(), nullable=True),
        sa.Column("definition_id", BIG, nullable=False),
        sa.Column("instance_id", BIG, nullable=True),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("wait_id", sa.Text(), nullable=True),
        sa.Column("part", sa.Text(), nullable=True),
        sa.Column("message_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["bpm_process_definition.id"], name="fk_bpm_subscription_definition_id"
        ),
        sa.ForeignKeyConstraint(["instance_id"], ["bpm_process_instance.id"], name="fk_bpm_subscription_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bpm_subscription"),
    )
    op.create_index("ix_bpm_subscription_definition_id", "bpm_subscription", ["definition_id"], unique=False)
    op.create_index(
        "ix_bpm_subscription_instance_id_wait_id", "bpm_subscription", ["instance_id", "wait_id"], unique=False
    )
    op.create_index(
        "ix_bpm_subscription_name", "bpm_subscription", ["kind", "name", "correlation_key", "id"], unique=False
    )
    op.create_table(
        "bpm_task",
        sa.Column("id", BIG, nullable=False),
        sa.Column("instance_id", BIG, nullable=False),
        sa.Column("definition_id", BIG, nullable=False),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.Column("wait_id", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("candidate_groups", sa.Text(), nullable=True),
        sa.Column("candidate_users", sa.Text(), nullable=True),
        sa.Column("form_id", sa.Text(), nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("follow_up_at", MOMENT, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("completed_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["definition_id"], ["bpm_process_definition.id"], name="fk_bpm_task_definition_id"),
        sa.ForeignKeyConstraint(["instance_id"], ["bpm_process_instance.id"], name="fk_bpm_task_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bpm_task"),
        sa.UniqueConstraint("instance_id", "wait_id", name="uq_bpm_task_instance_id_wait_id"),
    )
    op.create_index(
        "ix_bpm_task_done_completed_by",
        "bpm_task",
        ["completed_by", "ended_at"],
        unique=False,
        sqlite_where=sa.text("state = 'completed'"),
        postgresql_where=sa.text("state = 'completed'"),
    )
    op.create_index(
        "ix_bpm_task_open_assignee",
        "bpm_task",
        ["assignee", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('created', 'assigned') AND assignee IS NOT NULL"),
        postgresql_where=sa.text("state IN ('created', 'assigned') AND assignee IS NOT NULL"),
    )
    op.create_index(
        "ix_bpm_task_open_due_at",
        "bpm_task",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('created', 'assigned') AND due_at IS NOT NULL"),
        postgresql_where=sa.text("state IN ('created', 'assigned') AND due_at IS NOT NULL"),
    )
    op.create_table(
        "bpm_incident",
        sa.Column("id", BIG, nullable=False),
        sa.Column("instance_id", BIG, nullable=True),
        sa.Column("job_id", BIG, nullable=True),
        sa.Column("element_id", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["bpm_process_instance.id"], name="fk_bpm_incident_instance_id"),
        sa.ForeignKeyConstraint(["job_id"], ["bpm_job.id"], name="fk_bpm_incident_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bpm_incident"),
    )
    op.create_index("ix_bpm_incident_instance_id", "bpm_incident", ["instance_id"], unique=False)
    op.create_index("ix_bpm_incident_job_id", "bpm_incident", ["job_id"], unique=False)
    op.create_index(
        "ix_bpm_incident_open",
        "bpm_incident",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "bpm_task_candidate",
        sa.Column("candidate", sa.Text(), nullable=False),
        sa.Column("task_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["bpm_task.id"], name="fk_bpm_task_candidate_task_id"),
        sa.PrimaryKeyConstraint("candidate", "task_id", name="pk_bpm_task_candidate"),
        sqlite_with_rowid=False,
    )
    _guard_history()


def downgrade() -> None:
    op.drop_table("bpm_task_candidate")
    op.drop_table("bpm_incident")
    op.drop_table("bpm_task")
    op.drop_table("bpm_subscription")
    op.drop_table("bpm_state_part")
    op.drop_table("bpm_job")
    op.drop_table("bpm_history")
    op.drop_table("bpm_process_instance")
    op.drop_table("bpm_bundle_file")
    op.drop_table("bpm_process_definition")
    op.drop_table("bpm_resource")
    op.drop_table("bpm_outbox")
    op.drop_table("bpm_message")
    op.drop_table("bpm_deployment")
    op.drop_table("bpm_command")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION bpm_history_is_append_only()")


def _guard_history() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER bpm_history_no_{act.lower()} BEFORE {act} ON bpm_history "
                "BEGIN SELECT RAISE(ABORT, 'bpm_history is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION bpm_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'bpm_history is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER bpm_history_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON bpm_history "
        "FOR EACH STATEMENT EXECUTE FUNCTION bpm_history_is_append_only()"
    )
