"""Units, positions, people and acting orders: who is in which candidate group, and what they may do."""
