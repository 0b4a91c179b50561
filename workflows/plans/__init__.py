"""Plans: cycles with their due dates, plan documents and editions, files, consultations, decisions, observations."""
