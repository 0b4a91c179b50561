"""Personal data: what is kept of whom and why, export and anonymisation of one person, what is over its time."""
