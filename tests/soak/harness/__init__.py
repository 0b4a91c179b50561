"""What the reliability plans share: installations of real processes, browsers, people, load, and the oracle."""
