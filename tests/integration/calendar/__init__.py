"""The calendar on a real database."""
