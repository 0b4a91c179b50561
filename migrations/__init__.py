"""The tables' history: one dated file a change, both directions, no models imported."""
