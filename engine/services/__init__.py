"""The verbs, one noun a file; every one works inside a unit of work and commits nothing itself."""
