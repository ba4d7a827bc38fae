"""Splits one record that holds two people in one transaction; undo_regrouping takes it back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from beneficiaries.models import Beneficiary, CnsNumber, Person, Regrouping, Review
from beneficiaries.services.deduplication.regrouping import (
    ADDRESS,
    FACTS,
    PERSON_FIELDS,
    RegroupingRefused,
    announce_removed_numbers,
    counts,
    current_numbers,
    fields_of,
    lock_people_to_regroup,
    move_rows,
    people_token,
    state_of,
    this_transaction,
)
from beneficiaries.services.edit import DuplicateValue
from cnsportal.db.optimistic_lock import check_edit_token
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User

COPIED = ("email", "phone", *ADDRESS)
"""What the new record takes over as it is: people who were one in the registry mostly live together."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What goes to the new record: keys of links, of CNS numbers and of reviews."""

    links: Collection[int]
    numbers: Collection[int] = ()
    reviews: Collection[int] = ()

    def as_rows(self) -> dict[str, Collection[int]]:
        tables = (Beneficiary, CnsNumber, Review)
        return {
            model._meta.db_table: keys
            for model, keys in zip(tables, (self.links, self.numbers, self.reviews), strict=True)
        }


def split_person(
    person_id: int, stays: Mapping[str, Any], goes: Mapping[str, Any], leaving: Leaving,
    *, reason: str, read: str, actor: User,
) -> Regrouping:  # fmt: skip
    """Make a new record of what leaves: ``goes`` describes its person, ``stays`` the one who stays.

    Raises RegroupingRefused, DuplicateValue (a CPF that somebody has) and EditConflict (``people_token``).
    """
    try:
        return _split(person_id, stays, goes, leaving, reason, read, actor)
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != "person_cpf_once":
            raise
        raise DuplicateValue("cpf", "Este CPF já é de outra pessoa do cadastro.") from error


@transaction.atomic
def _split(
    person_id: int, stays: Mapping[str, Any], goes: Mapping[str, Any], leaving: Leaving,
    reason: str, read: str, actor: User,
) -> Regrouping:  # fmt: skip
    person = lock_people_to_regroup(person_id, person_id, needed=[person_id])[person_id]
    check_edit_token(read, now=people_token([person]))
    _refuse_empty(person, leaving)
    changed = [name for name in PERSON_FIELDS if name in stays and getattr(person, name) != stays[name]]
    before = fields_of(person, [*changed, *FACTS])
    for name in changed:
        setattr(person, name, stays[name])
    person.save()
    new = Person(operator_id=current_operator_id())
    for name, value in {**{name: getattr(person, name) for name in COPIED}, **goes}.items():
        setattr(new, name, value)
    new.save()
    split = Regrouping.objects.create(
        operator_id=current_operator_id(), kind=Regrouping.Kind.SPLIT, person_id=person_id, other_id=new.pk,
        reason=reason, made_by=actor, transaction=this_transaction(), before=before,
    )  # fmt: skip
    _give(split, person, new, leaving, changed)
    announce_removed_numbers([person_id, new.pk], current_numbers([person_id, new.pk]))
    record(_events(split, actor))
    return split


def _refuse_empty(person: Person, leaving: Leaving) -> None:
    own = set(Beneficiary.objects.filter(person=person).values_list("pk", flat=True))
    if not set(leaving.links) & own or not own - set(leaving.links):
        raise RegroupingRefused("Escolha os vínculos da pessoa nova: ao menos um sai, e ao menos um fica.")


def _give(split: Regrouping, person: Person, new: Person, leaving: Leaving, changed: Collection[str]) -> None:
    """A day on which DATASUS confirmed the number goes with the number."""
    split.moved = move_rows(leaving.as_rows(), person.pk, new.pk)
    if CnsNumber.objects.current().filter(person=new).exists():
        Person.objects.filter(pk=new.pk).update(cns_confirmed_at=person.cns_confirmed_at)
        Person.objects.filter(pk=person.pk).update(cns_confirmed_at=None)
    split.after = fields_of(person, changed)
    split.record = {"told": fields_of(new, PERSON_FIELDS)}
    split.stood = state_of([person.pk, new.pk])
    split.save()


def _events(split: Regrouping, actor: User) -> list[Event]:
    """On both timelines: the new one begins with it."""
    data = {"moved": counts(split.moved), "fields": sorted(split.after), "reason": split.reason}
    told = {"before": {name: split.before[name] for name in split.after}, "after": split.after}
    kind = EventKind.PERSON_SPLIT
    return [
        Event(kind, "regrouping", split.pk, split.person_id, actor, data={"other": split.other_id, **data, **told}),
        Event(kind, "regrouping", split.pk, split.other_id, actor, data={"other": split.person_id, **data}),
    ]


__all__ = ["COPIED", "Leaving", "RegroupingRefused", "split_person"]
