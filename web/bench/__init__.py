"""How fast the product is, how much it stores and holds: measured in one run beside the same rows by bare SQL."""
