"""Column types that the tables of the domain share."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from sqlalchemy import BigInteger, Date, Integer, Text
from sqlalchemy.orm import mapped_column

from engine import UtcDateTime

# SQLite counts rows by itself only in a column of exactly INTEGER.
BIG = BigInteger().with_variant(Integer(), "sqlite")

Key = Annotated[int, mapped_column(BIG, primary_key=True)]
Ref = Annotated[int, mapped_column(BIG)]
Txt = Annotated[str, mapped_column(Text())]
Moment = Annotated[dt.datetime, mapped_column(UtcDateTime())]
Day = Annotated[dt.date, mapped_column(Date())]
