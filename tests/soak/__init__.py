"""The reliability plans R1–R17 in full: `make soak`; their short forms stand in tests/reliability."""
