"""Anchors of the audit trail as a duty of the worker: made at intervals, written to a folder, sent by mail."""
