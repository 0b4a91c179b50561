"""Turning the crank: load a run's state, act, run to the next wait states, turn what happened into rows."""
