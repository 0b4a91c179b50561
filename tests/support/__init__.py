"""What the tests share: drivers, builders, clocks, databases."""
