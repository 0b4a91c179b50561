"""Whole plans, driven like the pages drive them."""
