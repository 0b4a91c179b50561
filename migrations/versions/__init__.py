"""One change, one file: YYYYMMDD_HHMM_<slug>.py, chained in one line."""
