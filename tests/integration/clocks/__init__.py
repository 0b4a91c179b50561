"""Clocks and ladders on a real engine and database."""
