"""Backups: one file with the database, the uploaded files and a manifest; made online, checked, and brought back."""
