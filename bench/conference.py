"""A night with a conference, against the floor below any program and loaders as they are commonly written.

Every operation runs in a process of its own (bench.operations); nights run at two sizes, to see what grows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import mean

from bench import nights, registry
from bench.filling import settle
from bench.table import line
from bench.worker import Cost, done

REFERENCE = 20_000  # records; the most that the loaders are given
NIGHTS = ("first night", "unchanged night")
LOADERS = ("whole tree", "row by row")


@dataclass
class Figures:
    """What was measured at one size, by operation.

    The machine may change its pace within minutes: so the floor is measured between any two operations, and each
    operation is compared with the mean of the two floors around it.
    """

    records: int
    passes: list[float]  # seconds of the floor, each time
    costs: dict[str, Cost] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)

    @property
    def floor(self) -> float:
        return mean(self.passes)

    def measure(self, operation: str, operator_id: int) -> None:
        self.costs[operation] = done(operation, operator_id, self.records)
        self.passes.append(done("floor", 0, self.records).seconds)
        self.ratios[operation] = self.costs[operation].seconds / mean(self.passes[-2:])


def measure(records: int) -> Iterator[str]:
    """The table, line by line."""
    large = _nights(records)
    yield from _table(large)
    small = _nights(max(1, records // 10))
    for operation in NIGHTS:
        yield _growth(operation, small, large)
    yield from _loaders(min(REFERENCE, records), large)


def _nights(records: int) -> Figures:
    with registry.fresh(records) as world:
        world.make_files()
        figures = Figures(records, [done("floor", 0, records).seconds])
        figures.measure("read", world.operator.pk)
        figures.measure("first night", world.operator.pk)
        nights.decide_the_rest(records)
        settle()
        figures.measure("unchanged night", world.operator.pk)
    return figures


def _table(figures: Figures) -> Iterator[str]:
    yield f"conference of {figures.records:,} records, as multiples of the floor:"
    yield line("floor: expat without handlers, then COPY", figures.floor, figures.records, "1.0 ×")
    for operation in ("read", *NIGHTS):
        cost = figures.costs[operation]
        yield line(operation, cost.seconds, figures.records, f"{figures.ratios[operation]:.1f} ×", cost.peak)


def _growth(operation: str, small: Figures, large: Figures) -> str:
    """Of a record's time, as multiples of the floor."""
    growth = large.ratios[operation] / small.ratios[operation] - 1
    peaks = [figures.costs[operation].peak for figures in (small, large)]
    return (
        f"{operation}, {small.records:,} → {large.records:,}: {growth:+.0%} a record, "
        f"peak {peaks[0]:.0f} → {peaks[1]:.0f} MiB"
    )


def _loaders(records: int, figures: Figures) -> Iterator[str]:
    """First and second night of each loader, on so many records; the ratio is to the floor of as many."""
    with registry.fresh(records) as world:
        world.make_files()
        for operation in LOADERS:
            for night in NIGHTS:
                cost = done(operation, world.operator.pk, records)
                ratio = cost.each / (figures.floor * 1e6 / figures.records)
                yield line(
                    f"{operation}, {night} ({records:,} records)", cost.seconds, records, f"{ratio:.0f} ×", cost.peak
                )
            world.forget_conferences()
