"""The board as its page shows it: what the address asks for, rows by region and cluster, counts that lead to rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from werkzeug.datastructures import MultiDict

from workflows.plans.queries import Board, BoardRow, Standing, tally

MOST_FOLDS = 40
Namer = Callable[[str], str]
"""Names a region or cluster by its code."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for; what it says wrongly counts as not said."""

    region: str
    cluster: str
    standing: Standing | None
    folded: tuple[str, ...]

    @classmethod
    def from_query(cls, query: MultiDict[str, str]) -> Wish:
        """Read the address."""
        standing = query.get("state", "")
        return cls(
            region=query.get("region", "")[:50],
            cluster=query.get("cluster", "")[:50],
            standing=Standing(standing) if standing in set(Standing) else None,
            folded=tuple(sorted({code[:50] for code in query.getlist("fold")[:MOST_FOLDS] if code})),
        )

    def query(self, **changes: str | Sequence[str] | None) -> dict[str, str | Sequence[str]]:
        """Return the parts of an address that says this wish, with changes."""
        parts: dict[str, str | Sequence[str] | None] = {
            "region": self.region,
            "cluster": self.cluster,
            "state": self.standing.value if self.standing else None,
            "fold": self.folded,
            **changes,
        }
        return {name: value for name, value in parts.items() if value}

    def turned(self, code: str) -> tuple[str, ...]:
        """Return the folds with one of them turned."""
        return tuple(sorted(set(self.folded) ^ {code}))

    @property
    def filters(self) -> bool:
        """Tell whether rows are left out."""
        return bool(self.region or self.cluster or self.standing)


@dataclass(frozen=True, slots=True)
class ClusterGroup:
    """The units of a cluster."""

    code: str
    name: str
    tally: Mapping[Standing, int]
    rows: tuple[BoardRow, ...]
    folded: bool


@dataclass(frozen=True, slots=True)
class RegionGroup:
    """The clusters of a region."""

    code: str
    name: str
    tally: Mapping[Standing, int]
    clusters: tuple[ClusterGroup, ...]
    folded: bool


@dataclass(frozen=True, slots=True)
class BoardView:
    """The board with its groups, and the choices of the filter."""

    board: Board
    wish: Wish
    regions: tuple[RegionGroup, ...]
    whole: Mapping[Standing, int]  # of all units that are seen, whatever the filter
    shown: int
    region_choices: tuple[tuple[str, str], ...]
    cluster_choices: tuple[tuple[str, str], ...]

    @property
    def units(self) -> int:
        """How many units are seen."""
        return len(self.board.rows)


def arrange(board: Board, wish: Wish, *, region_name: Namer, cluster_name: Namer) -> BoardView:
    """Sort the rows into regions and clusters, cut to what is asked for."""
    rows = [row for row in board.rows if _asked(row, wish)]
    regions = tuple(
        RegionGroup(
            code=code,
            name=region_name(code),
            tally=tally(inside),
            clusters=tuple(_clusters(inside, wish, cluster_name)),
            folded=code in wish.folded,
        )
        for code, inside in _by(rows, lambda row: row.region)
    )
    homes = dict.fromkeys((row.cluster or "", row.region) for row in board.rows if row.cluster)
    return BoardView(
        board=board,
        wish=wish,
        regions=regions,
        whole=tally(board.rows),
        shown=len(rows),
        region_choices=tuple((code, region_name(code)) for code in dict.fromkeys(row.region for row in board.rows)),
        cluster_choices=tuple(
            (code, cluster_name(code)) for code, region in homes if not wish.region or region == wish.region
        ),
    )


def by_cluster(board: Board, cluster_name: Namer) -> tuple[ClusterGroup, ...]:
    """Return the clusters with their counts, for the overview."""
    return tuple(_clusters(board.rows, Wish("", "", None, ()), cluster_name))


def _asked(row: BoardRow, wish: Wish) -> bool:
    return (
        (not wish.region or row.region == wish.region)
        and (not wish.cluster or row.cluster == wish.cluster)
        and (wish.standing is None or row.standing is wish.standing)
    )


def _clusters(rows: Iterable[BoardRow], wish: Wish, cluster_name: Namer) -> Iterable[ClusterGroup]:
    for code, inside in _by(rows, lambda row: row.cluster or ""):
        yield ClusterGroup(code, cluster_name(code), tally(inside), tuple(inside), code in wish.folded)


def _by(rows: Iterable[BoardRow], key: Callable[[BoardRow], str]) -> Iterable[tuple[str, list[BoardRow]]]:
    """Group rows that the board has already put in order."""
    for code, inside in groupby(rows, key):
        yield code, list(inside)
