"""Finds people who may be the same person by indexes, and judges them by the one rule; decided pairs are left out.

Pairs are computed, page by page. Only decisions are kept: a merge, or a DistinctPair.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from beneficiaries.domain.names import fold, normalise
from beneficiaries.domain.same_person import PersonFacts, SamePerson, SamePersonVerdict, compare_people, is_real_name
from beneficiaries.models import CnsNumber, DistinctPair, PendingReason, Person
from beneficiaries.services.deduplication.regrouping import pair_of
from cnsportal.db.sql_files import read_statements
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User

_SQL = read_statements("beneficiaries/sql/possible_duplicates.sql")
SAME_NAME, SAME_NUMBER = _SQL["same_name"], _SQL["same_number"]

BATCH_SIZE = 50  # groups, newborns or numbers looked at together
MAX_ROUNDS = 10  # of these for one page, where what is found was decided before
MAX_IN_GROUP = 20  # people of one name and birth date
TO_REVIEW = frozenset({SamePerson.SAME, SamePerson.POSSIBLE, SamePerson.CONTRADICTED})


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    one: Person
    other: Person
    verdict: SamePersonVerdict

    @property
    def is_proven(self) -> bool:
        return self.verdict.answer is SamePerson.SAME


@dataclass(frozen=True, slots=True)
class DuplicatesPage:
    rows: list[PossibleDuplicate]
    after: int | None  # key of the person behind whom the next page begins


class _Found(NamedTuple):
    """Pairs to be judged, and where to go on; None at the end."""

    pairs: list[tuple[int, int]]
    after: int | None


def same_name(after: int | None) -> DuplicatesPage:
    """One name and one birth date, in the order of names."""
    return _page(_of_one_name, after)


def newborns(after: int | None) -> DuplicatesPage:
    """Children without a name, and others of the same birth date and mother."""
    return _page(_of_newborns, after)


def same_number(after: int | None) -> DuplicatesPage:
    """A CNS that was reported for one person and belongs to another."""
    return _page(_of_one_number, after)


def _page(find: Callable[[int | None], _Found], after: int | None) -> DuplicatesPage:
    rows: list[PossibleDuplicate] = []
    for _ in range(MAX_ROUNDS):
        pairs, after = find(after)
        rows += _judged(pairs)
        if rows or after is None:
            break
    return DuplicatesPage(rows, after)


# ---- what the indexes know ------------------------------------------------------------------------------------------
def _of_one_name(after: int | None) -> _Found:
    last = Person.objects.filter(pk=after).first() if after else None
    name, birth = (last.name_key, last.birth_date) if last else ("", date.min)
    about: dict[str, Any] = {"operator": current_operator_id(), "name": name, "birth": birth, "limit": BATCH_SIZE}
    with connection.cursor() as cursor:
        cursor.execute(SAME_NAME, about)
        keys = cursor.fetchall()
    alike = Person.objects.filter(name_key__in={key[0] for key in keys}, birth_date__in={key[1] for key in keys})
    groups: dict[tuple[str, date], list[int]] = defaultdict(list)
    for pk, name, birth in alike.order_by("pk").values_list("pk", "name_key", "birth_date"):
        groups[name, birth].append(pk)
    pairs: list[tuple[int, int]] = []
    taken = 0
    while taken < len(keys) and len(pairs) < BATCH_SIZE:  # many of one name are many pairs: the next page has the rest
        pairs += combinations(groups[keys[taken]][:MAX_IN_GROUP], 2)
        taken += 1
    is_last = taken == len(keys) < BATCH_SIZE
    return _Found(pairs, None if is_last else groups[keys[taken - 1]][0])


def _of_newborns(after: int | None) -> _Found:
    """Those who share their very name are in the other list."""
    unnamed = Q(name_key__startswith="RN ") | Q(name_key__startswith="RECEM NASCID")
    found = Person.objects.filter(unnamed, pk__gt=after or 0).order_by("pk")
    children = [_Child(*row) for row in found.values_list(*_Child._fields)[:BATCH_SIZE]]
    siblings: dict[tuple[date, str], list[_Child]] = defaultdict(list)
    born = Person.objects.filter(birth_date__in={child.birth_date for child in children}).exclude(mother_name="")
    for child in map(_Child._make, born.order_by("pk").values_list(*_Child._fields)):
        siblings[child.birth].append(child)
    pairs = [
        (child.pk, other.pk)
        for child in children
        for other in siblings[child.birth]
        if other.name_key != child.name_key and (other.pk > child.pk or is_real_name(other.name_key))
    ]
    return _Found(pairs, children[-1].pk if len(children) == BATCH_SIZE else None)


class _Child(NamedTuple):
    pk: int
    name_key: str
    birth_date: date
    mother_name: str

    @property
    def birth(self) -> tuple[date, str]:
        """What children of one birth have in common."""
        return self.birth_date, normalise(self.mother_name)


def _of_one_number(after: int | None) -> _Found:
    about: dict[str, Any] = {"operator": current_operator_id(), "taken": str(PendingReason.TAKEN), "after": after or 0}
    with connection.cursor() as cursor:
        cursor.execute(SAME_NUMBER, {**about, "limit": BATCH_SIZE})
        pairs = cursor.fetchall()
    return _Found(pairs, pairs[-1][0] if len(pairs) == BATCH_SIZE else None)


# ---- what the rule says ---------------------------------------------------------------------------------------------
def _judged(pairs: Collection[tuple[int, int]]) -> list[PossibleDuplicate]:
    """Undecided ones that are to be reviewed; four queries however many they are."""
    keys = {key for pair in pairs for key in pair}
    people = Person.objects.in_bulk(keys)
    numbers_of = _numbers_by_person(people)
    decided = set(DistinctPair.objects.filter(low_id__in=keys, high_id__in=keys).values_list("low_id", "high_id"))
    open_pairs = [pair for pair in pairs if people.keys() >= set(pair) and pair_of(*pair) not in decided]
    duplicates = [_judge(people[one], people[other], numbers_of) for one, other in open_pairs]
    return [duplicate for duplicate in duplicates if duplicate.verdict.answer in TO_REVIEW]


def _judge(one: Person, other: Person, numbers_of: Mapping[int, set[str]]) -> PossibleDuplicate:
    shared = numbers_of[one.pk] & numbers_of[other.pk]
    numbers = [next(iter(shared or numbers_of[person.pk]), "") for person in (one, other)]
    return PossibleDuplicate(one, other, compare_people(one.as_facts(cns=numbers[0]), other.as_facts(cns=numbers[1])))


def _numbers_by_person(people: Mapping[int, Person]) -> dict[int, set[str]]:
    """The current number of each, and one that was reported for them and belongs to somebody else."""
    numbers_of: dict[int, set[str]] = defaultdict(set)
    for pk, number in CnsNumber.objects.current().filter(person__in=list(people)).values_list("person_id", "number"):
        numbers_of[pk].add(number)
    for person in people.values():
        if person.cns_refusal == PendingReason.TAKEN and person.cns_refused_number:
            numbers_of[person.pk].add(person.cns_refused_number)
    return numbers_of


# ---- of one person --------------------------------------------------------------------------------------------------
def duplicates_of(person: Person) -> list[PossibleDuplicate]:
    """Who may be this person, decided pairs left out."""
    pairs = [(person.pk, pk) for pk in _near(person.as_facts()).exclude(pk=person.pk).values_list("pk", flat=True)]
    return _judged(list(dict.fromkeys([*pairs, *_number_pairs(person)])))


def like_facts(facts: PersonFacts, *, but: int = 0) -> list[tuple[Person, SamePersonVerdict]]:
    """Who may be the one whom these facts describe, besides the record that they are written for, if there is one."""
    people = _near(facts).exclude(pk=but).order_by("pk")
    distinct = DistinctPair.objects.filter(Q(low_id=but) | Q(high_id=but)).values_list("low_id", "high_id")
    decided = {key for pair in distinct for key in pair}
    judged = [(other, compare_people(facts, other.as_facts())) for other in people if other.pk not in decided]
    return [(other, verdict) for other, verdict in judged if verdict.answer in TO_REVIEW]


def duplicates_made_by(person: Person, values: Mapping[str, Any]) -> list[PossibleDuplicate]:
    """Who would look like the person after this change of the record, and does not yet."""
    facts = person.as_facts()
    numbers_of: dict[str, Any] = {name: value or "" for name, value in values.items() if hasattr(facts, name)}
    changed = replace(facts, **numbers_of)
    if changed == facts:
        return []
    before = {other.pk for other, _ in like_facts(facts, but=person.pk)}
    after = like_facts(changed, but=person.pk)
    return [PossibleDuplicate(person, other, verdict) for other, verdict in after if other.pk not in before]


def _near(facts: PersonFacts) -> QuerySet[Person]:
    """People with one of the things in common that the indexes know."""
    near = Q(cpf=facts.cpf) if facts.cpf else Q(pk__in=[])
    if facts.birth_date:
        near |= Q(birth_date=facts.birth_date) & (Q(name_key=fold(facts.name)) | _has_mother(facts))
    return Person.objects.filter(near)


def _has_mother(facts: PersonFacts) -> Q:
    return ~Q(mother_name="") if is_real_name(facts.mother_name) else Q(pk__in=[])


def _number_pairs(person: Person) -> list[tuple[int, int]]:
    own = CnsNumber.objects.current().filter(person=person).values("number")
    numbers_of = CnsNumber.objects.current().filter(number=person.cns_refused_number or "-").exclude(person=person)
    by_others = Person.objects.filter(cns_refusal=PendingReason.TAKEN, cns_refused_number__in=own)
    others = {*numbers_of.values_list("person_id", flat=True), *by_others.values_list("pk", flat=True)}
    return [(person.pk, other) for other in sorted(others)]


# ---- decided --------------------------------------------------------------------------------------------------------
@transaction.atomic
def decide_distinct(one: int, other: int, *, reason: str, actor: User) -> bool:
    """Keep that these two are two people; False where that was decided before, or one of them is gone."""
    if Person.objects.filter(pk__in=[one, other]).count() != 2:
        return False
    low, high = pair_of(one, other)
    pair, is_new = DistinctPair.objects.get_or_create(
        operator_id=current_operator_id(), low_id=low, high_id=high, defaults={"reason": reason, "decided_by": actor}
    )
    if is_new:
        record(_pair_event(pair, person, actor) for person in (low, high))
    return is_new


def _pair_event(pair: DistinctPair, person: int, actor: User) -> Event:
    other = pair.high_id if person == pair.low_id else pair.low_id
    return Event(EventKind.PAIR_DECIDED, "person", other, person, actor, data={"reason": pair.reason})
