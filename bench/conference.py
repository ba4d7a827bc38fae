"""A night with a conference, against the floor below any program and loaders as they are commonly written.

Every deed runs in a process of its own (bench.worker); the nights run at two sizes, to see what grows with them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from bench import nights, registry
from bench.filling import settle
from bench.registry import World
from bench.table import line
from bench.worker import Cost, done

REFERENCE = 20_000  # records; the most that the loaders are given
TIMES = 3  # how often the floor is measured; the median counts
NIGHTS = ("first night", "unchanged night")
LOADERS = ("whole tree", "row by row")


@dataclass
class Figures:
    """What was measured at one size, by deed."""

    records: int
    floor: float  # seconds
    costs: dict[str, Cost] = field(default_factory=dict)

    def ratio(self, deed: str) -> float:
        """To the floor, record by record."""
        return self.costs[deed].each * self.records / 1e6 / self.floor


def measure(records: int) -> Iterator[str]:
    """The table, line by line."""
    large = _nights(records)
    yield from _table(large)
    small = _nights(max(1, records // 10))
    for deed in NIGHTS:
        yield _growth(deed, small.costs[deed], large.costs[deed])
    yield from _loaders(min(REFERENCE, records), large)


def _floor(world: World) -> tuple[float, dict[str, Cost]]:
    """Seconds of both parts, one after the other."""
    runs = [(done("parse", 0, world.records), done("copy", 0, world.records)) for _ in range(TIMES)]
    parsing, copying = zip(*runs, strict=True)
    costs = {"parse": _median(parsing), "copy": _median(copying)}
    return costs["parse"].seconds + costs["copy"].seconds, costs


def _median(costs: tuple[Cost, ...]) -> Cost:
    middle = median(cost.seconds for cost in costs)
    return next(cost for cost in costs if cost.seconds == middle)


def _nights(records: int) -> Figures:
    with registry.fresh(records) as world:
        world.make_files()
        floor, costs = _floor(world)
        costs["read"] = done("read", world.operator.pk, records)
        costs["first night"] = done("first night", world.operator.pk, records)
        nights.decide_the_rest(records)
        settle()
        costs["unchanged night"] = done("unchanged night", world.operator.pk, records)
    return Figures(records, floor, costs)


def _table(figures: Figures) -> Iterator[str]:
    yield f"conference of {figures.records:,} records, as multiples of the floor:"
    yield line("floor: expat without handlers, then COPY", figures.floor, figures.records, "1.0 ×")
    for deed in ("read", *NIGHTS):
        cost = figures.costs[deed]
        yield line(deed, cost.seconds, figures.records, f"{figures.ratio(deed):.1f} ×", cost.peak)


def _growth(deed: str, small: Cost, large: Cost) -> str:
    return (
        f"{deed}, {small.records:,} → {large.records:,}: {large.each / small.each - 1:+.0%} a record, "
        f"peak {small.peak:.0f} → {large.peak:.0f} MiB"
    )


def _loaders(records: int, figures: Figures) -> Iterator[str]:
    """First and second night of each loader, on so many records; the ratio is to the floor of as many."""
    with registry.fresh(records) as world:
        world.make_files()
        for deed in LOADERS:
            for night in NIGHTS:
                cost = done(deed, world.operator.pk, records)
                ratio = cost.each / (figures.floor * 1e6 / figures.records)
                yield line(f"{deed}, {night} ({records:,} records)", cost.seconds, records, f"{ratio:.0f} ×", cost.peak)
            world.forget_conferences()
