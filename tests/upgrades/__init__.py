"""Databases of released versions, and that every later version takes them up where they stood."""
