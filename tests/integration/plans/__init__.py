"""The room of plans on a real database."""
