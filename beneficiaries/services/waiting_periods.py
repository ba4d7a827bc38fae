"""Writes the waiting periods (carências) of a file by sets; a group that has none any more loses its row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from beneficiaries.domain.csv_columns import WAITING
from beneficiaries.domain.csv_reader import Row
from beneficiaries.domain.text_cells import NO_TERM
from beneficiaries.models import Beneficiary, WaitingGroup, WaitingPeriod
from beneficiaries.services.change_events import Changes
from operators.context import current_operator_id

Key = tuple[int, str]  # link, group


@dataclass
class WaitingPeriodChanges:
    """Those of a batch of rows: what is known of their links, and what is to be written."""

    known: dict[Key, WaitingPeriod] = field(default_factory=dict)
    written: list[tuple[Beneficiary, WaitingPeriod]] = field(default_factory=list)
    over: list[int] = field(default_factory=list)

    @classmethod
    def for_rows(cls, rows: Sequence[Row], links: Iterable[Beneficiary]) -> "WaitingPeriodChanges":
        if not any(row.text(column) for row in rows for column in WAITING):
            return cls()
        periods = WaitingPeriod.objects.filter(beneficiary__in=[link.pk for link in links])
        return cls({(period.beneficiary_id, period.group): period for period in periods})

    def take(self, row: Row, link: Beneficiary) -> Changes:
        """What the row changes of the link's carências, by group."""
        changes: Changes = {}
        for group, term, ends_on in _terms_in_row(row):
            before = self.known.get((link.pk or 0, group))
            after = (
                None if term == NO_TERM else _period(link, group, term, ends_on or (before.ends_on if before else None))
            )
            if as_text(before) == as_text(after):
                continue
            changes[f"waiting_{group}"] = (as_text(before), as_text(after))
            if after:
                self.written.append((link, after))
            elif before:
                self.over.append(before.pk)
        return changes

    def save(self) -> None:
        """After the links, which have their keys by then."""
        for link, period in self.written:
            period.beneficiary_id = link.pk
        if self.written:
            WaitingPeriod.objects.bulk_create(
                [period for _, period in self.written],
                update_conflicts=True,
                unique_fields=["beneficiary", "group"],
                update_fields=["amount", "unit", "ends_on"],
            )
        if self.over:
            WaitingPeriod.objects.filter(pk__in=self.over).delete()


def periods_as_text(link_id: int) -> dict[str, str]:
    """Of one link, by group; blank where there is none."""
    known = {period.group: as_text(period) for period in WaitingPeriod.objects.filter(beneficiary=link_id)}
    return {group: known.get(group, "") for group in WaitingGroup.values}


def replace_periods(link: Beneficiary, periods: Mapping[str, str]) -> None:
    """Bring these groups of one link to what ``as_text`` would say of them."""
    WaitingPeriod.objects.filter(beneficiary=link, group__in=periods).delete()
    WaitingPeriod.objects.bulk_create(_read(link, group, text) for group, text in periods.items() if text)


def _read(link: Beneficiary, group: str, text: str) -> WaitingPeriod:
    term, day = split_period_text(text)
    return _period(link, group, term, day)


def split_period_text(text: str) -> tuple[str, date | None]:
    """Term and last day of what ``as_text`` said."""
    words = text.split()
    return " ".join(words[:2]), date.fromisoformat(words[2]) if len(words) > 2 else None


def as_text(period: WaitingPeriod | None) -> str:
    """For the audit trail and for comparing: ``300 D``, ``300 D 2027-01-31``; blank where there is none."""
    return f"{period.amount} {period.unit} {period.ends_on or ''}".strip() if period else ""


def _terms_in_row(row: Row) -> Iterator[tuple[str, str, date | None]]:
    for column, (group, end) in WAITING.items():
        if term := row.text(column):
            yield group, term, row.day(end)


def _period(link: Beneficiary, group: str, term: str, ends_on: date | None) -> WaitingPeriod:
    amount, unit = term.split()
    return WaitingPeriod(
        operator_id=current_operator_id(),
        beneficiary_id=link.pk,
        group=group,
        amount=int(amount),
        unit=unit,
        ends_on=ends_on,
    )
