"""What says so: the announcements and cabinet resolutions behind the shipped holidays, as far as they are known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

_MONTHS: Final = (
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
)

Resolution = tuple[str, dt.date | None]
"""Its words, and its day where that is known."""


def _cabinet(day: int, month: int, year: int) -> Resolution:
    on = dt.date(year, month, day)
    return f"มติคณะรัฐมนตรี วันที่ {day} {_MONTHS[month - 1]} {year + 543}", on


_NOVEMBER_2564: Final[Resolution] = ("มติคณะรัฐมนตรี เดือนพฤศจิกายน 2564", None)

BASE: Final = ("ประกาศสำนักนายกรัฐมนตรี ลงวันที่ 24 พฤษภาคม 2562", dt.date(2019, 5, 24))
"""The annual holidays."""
SUBSTITUTION: Final = ("มติคณะรัฐมนตรี วันที่ 1 พฤษภาคม 2544", dt.date(2001, 5, 1))
"""A holiday on a weekend is made up for on the next working day."""

# Days that the library lists, with the resolution behind them.
RESOLVED: Final[dict[dt.date, Resolution]] = {
    dt.date(2017, 1, 2): _cabinet(22, 11, 2016),
    dt.date(2017, 1, 3): _cabinet(22, 11, 2016),
    dt.date(2017, 7, 28): _cabinet(11, 4, 2017),
    dt.date(2017, 10, 13): _cabinet(11, 4, 2017),
    dt.date(2020, 7, 27): _cabinet(30, 6, 2020),
    dt.date(2020, 9, 4): _cabinet(13, 8, 2020),
    dt.date(2020, 9, 7): _cabinet(13, 8, 2020),
    dt.date(2020, 11, 19): _cabinet(22, 9, 2020),
    dt.date(2020, 11, 20): _cabinet(22, 9, 2020),
    dt.date(2021, 2, 12): _cabinet(29, 12, 2020),
    dt.date(2021, 4, 12): _cabinet(29, 12, 2020),
    dt.date(2021, 9, 24): _cabinet(29, 12, 2020),
    dt.date(2022, 7, 15): _NOVEMBER_2564,
    dt.date(2022, 7, 29): _NOVEMBER_2564,
    dt.date(2022, 10, 14): _NOVEMBER_2564,
    dt.date(2022, 12, 30): _NOVEMBER_2564,
    dt.date(2023, 5, 5): _cabinet(10, 1, 2023),
    dt.date(2023, 7, 31): _cabinet(25, 7, 2023),
    dt.date(2024, 4, 12): _cabinet(13, 2, 2024),
    dt.date(2024, 12, 30): _cabinet(24, 10, 2023),
    dt.date(2025, 6, 2): _cabinet(12, 11, 2024),
    dt.date(2025, 8, 11): _cabinet(12, 11, 2024),
    dt.date(2026, 1, 2): _cabinet(12, 11, 2024),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """A substitution day that cabinet moved: from where the rule puts it, to where it was."""

    rule: dt.date
    day: dt.date
    name: str
    resolution: Resolution


MOVED: Final = (
    Moved(
        dt.date(2020, 12, 7),
        dt.date(2020, 12, 11),
        "ชดเชยวันคล้ายวันพระบรมราชสมภพ วันชาติ และวันพ่อแห่งชาติ",
        _cabinet(22, 9, 2020),
    ),
    Moved(dt.date(2021, 10, 25), dt.date(2021, 10, 22), "ชดเชยวันปิยมหาราช", _cabinet(29, 12, 2020)),
    Moved(dt.date(2024, 1, 2), dt.date(2023, 12, 29), "ชดเชยวันสิ้นปี", _cabinet(24, 10, 2023)),
)
REGIONAL: Final = (
    (dt.date(2021, 3, 26), "NORTH", "วันหยุดราชการประจำภาคเหนือ (ประเพณีไหว้พระธาตุ)", _cabinet(29, 12, 2020)),
    (
        dt.date(2021, 5, 10),
        "NORTHEAST",
        "วันหยุดราชการประจำภาคตะวันออกเฉียงเหนือ (ประเพณีงานบุญบั้งไฟ)",
        _cabinet(29, 12, 2020),
    ),
    (dt.date(2021, 10, 6), "SOUTH", "วันหยุดราชการประจำภาคใต้ (ประเพณีสารทเดือนสิบ)", _cabinet(29, 12, 2020)),
    (dt.date(2021, 10, 21), "CENTRAL", "วันหยุดราชการประจำภาคกลาง (เทศกาลออกพรรษา)", _cabinet(29, 12, 2020)),
    (dt.date(2021, 12, 28), "EAST", "วันหยุดราชการประจำภาคตะวันออก (วันสมเด็จพระเจ้าตากสินมหาราช)", _NOVEMBER_2564),
)
