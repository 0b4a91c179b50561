"""The organisation on a real database."""
