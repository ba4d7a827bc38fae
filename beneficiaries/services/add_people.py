"""People and links added by hand: nobody twice, each with its event."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction

from beneficiaries.domain.same_person import PersonFacts, SamePersonVerdict
from beneficiaries.models import Beneficiary, Person
from beneficiaries.services.change_events import lock_registry
from beneficiaries.services.deduplication.possible_duplicates import decide_distinct, like_facts
from beneficiaries.services.edit import refuse_duplicates
from beneficiaries.services.waiting_periods import replace_periods
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User

Values = Mapping[str, Any]
Alike = tuple[Person, SamePersonVerdict]
OTHER_PERSON = "Cadastrada como outra pessoa."


class PossiblyKnown(Exception):
    """Somebody who may be this person is in the registry, and nobody said that it is another one."""


def facts_of(values: Values) -> PersonFacts:
    """What the rule of who is one person compares of a record that is not there yet."""
    names = ("cpf", "name", "birth_date", "mother_name", "dn", "sex", "pis_pasep")
    told: dict[str, Any] = {name: values.get(name) or "" for name in names}
    return PersonFacts(**{**told, "birth_date": values.get("birth_date")})


def undecided(alike: Iterable[Alike], values: Values, distinct_from: Collection[int]) -> list[Person]:
    """Those of whom nobody said that they are somebody else; of one CPF nobody can."""
    cpf = values.get("cpf")
    return [other for other, _ in alike if other.pk not in distinct_from or (cpf and other.cpf == cpf)]


def add_person(
    person: Values, link: Values, periods: Mapping[str, str], *, distinct_from: Collection[int], actor: User
) -> Beneficiary:
    """A person and the first link. Raises PossiblyKnown and DuplicateValue.

    ``distinct_from``: people who are alike and were said to be others; they are not asked about again.
    """
    with refuse_duplicates(), transaction.atomic():
        lock_registry()
        alike = like_facts(facts_of(person))
        if undecided(alike, person, distinct_from):
            raise PossiblyKnown
        added = Person(operator_id=current_operator_id(), **person)
        added.save()
        record([Event(EventKind.PERSON_CREATED, "person", added.pk, added.pk, actor)])
        made = _write_link(added.pk, link, periods, actor)
        for other, _ in alike:
            decide_distinct(added.pk, other.pk, reason=OTHER_PERSON, actor=actor)
        return made


def add_link(person_id: int, link: Values, periods: Mapping[str, str], *, actor: User) -> Beneficiary:
    """Another link of a person who is there. Raises DuplicateValue, and Person.DoesNotExist."""
    with refuse_duplicates(), transaction.atomic():
        lock_registry()
        Person.objects.select_for_update(no_key=True).get(pk=person_id)
        return _write_link(person_id, link, periods, actor)


def _write_link(person_id: int, values: Values, periods: Mapping[str, str], actor: User) -> Beneficiary:
    link = Beneficiary(operator_id=current_operator_id(), person_id=person_id, **values)
    link.save()
    replace_periods(link, {group: text for group, text in periods.items() if text})
    record([Event(EventKind.LINK_CREATED, "link", link.pk, person_id, actor)])
    return link
