"""The security plan as tests: one file for each of its parts."""
