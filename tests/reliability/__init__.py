"""The short forms of the reliability plans of tests/soak, each on both databases where it matters."""
