"""What is stuck, for administrators: see it, repair it, let it go on; and whether the workers live."""
