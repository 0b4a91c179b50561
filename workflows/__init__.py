"""Thai government planning on the engine."""
