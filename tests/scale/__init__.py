"""Several machines on one: web processes behind nginx, workers, one PostgreSQL behind pgbouncer, driven over HTTP."""
