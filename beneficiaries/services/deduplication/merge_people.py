"""Merges two records of one person in one transaction; undo_regrouping takes it back."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from beneficiaries.domain.same_person import is_real_name
from beneficiaries.models import Beneficiary, CnsNumber, DistinctPair, Person, Regrouping
from beneficiaries.models.cns import EndReason
from beneficiaries.services.deduplication.regrouping import (
    ADDRESS,
    FACTS,
    PERSON_FIELDS,
    RegroupingRefused,
    announce_removed_numbers,
    as_record,
    counts,
    current_number,
    current_numbers,
    delete_record,
    fields_of,
    lock_people_to_regroup,
    move_all,
    pair_of,
    people_token,
    state_of,
    this_transaction,
    withdraw_answered,
)
from cnsportal.db.optimistic_lock import check_edit_token
from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User

KEPT, OTHER = "kept", "other"
CNS = "cns"
WHOLE = ("name", "social_name", "cpf", "birth_date", "sex", "mother_name", "dn", "pis_pasep", "email", "phone")
"""Told one by one; an address is taken whole."""
NAMES = frozenset({"name", "mother_name"})


def differing(kept: Person, other: Person) -> list[str]:
    """What both have and have differently: somebody must choose. ``address`` stands for all its fields."""
    names = [name for name in WHOLE if _both_have(name, kept, other)]
    addresses = [[getattr(person, name) for name in ADDRESS] for person in (kept, other)]
    return names + (["address"] if all(map(any, addresses)) and addresses[0] != addresses[1] else [])


def _both_have(name: str, kept: Person, other: Person) -> bool:
    ours, theirs = getattr(kept, name), getattr(other, name)
    if not ours or not theirs or ours == theirs:
        return False
    return name not in NAMES or is_real_name(ours) == is_real_name(theirs)


def merged_values(kept: Person, other: Person, choices: Mapping[str, str]) -> dict[str, Any]:
    """What the one record has: what was chosen, else what only one of the two knows."""
    chosen = {name: side for name, side in choices.items() if name != "address"}
    sides = {name: chosen.get(name) or _side_with_value(name, kept, other) for name in WHOLE}
    address = choices.get("address") or (KEPT if any(getattr(kept, name) for name in ADDRESS) else OTHER)
    sides |= dict.fromkeys(ADDRESS, address)
    people = {KEPT: kept, OTHER: other}
    return {name: getattr(people[side], name) for name, side in sides.items()}


def _side_with_value(name: str, kept: Person, other: Person) -> str:
    ours, theirs = getattr(kept, name), getattr(other, name)
    if name in NAMES and theirs and is_real_name(theirs) and not is_real_name(ours):
        return OTHER
    return KEPT if ours else OTHER


@transaction.atomic
def merge_people(
    kept_id: int, other_id: int, choices: Mapping[str, str], *, reason: str, read: str, actor: User
) -> Regrouping:
    """Give everything of the other record to the one that is kept, and end the other.

    ``choices``: KEPT or OTHER for each field that differs, and for ``cns`` where both have a number.
    Raises RegroupingRefused, and EditConflict where either is not as it was read (``people_token``).
    """
    people = lock_people_to_regroup(kept_id, other_id, needed=[kept_id, other_id])
    kept, other = people[kept_id], people[other_id]
    check_edit_token(read, now=people_token([kept, other]))
    _refuse_own_dependant([kept_id, other_id])
    values, numbers = merged_values(kept, other, choices), current_numbers([kept_id, other_id])
    changed = [name for name in PERSON_FIELDS if getattr(kept, name) != values[name]]
    merge = Regrouping.objects.create(
        operator_id=current_operator_id(), kind=Regrouping.Kind.MERGE, person_id=kept_id, other_id=other_id,
        reason=reason, made_by=actor, transaction=this_transaction(), record=as_record(other),
        before=fields_of(kept, [*changed, *FACTS]),
        ended_number=_end_one_number(kept_id, other_id, choices.get(CNS, KEPT)),
    )  # fmt: skip
    _give(merge, kept, other, {name: values[name] for name in changed})
    announce_removed_numbers([kept_id], numbers)
    record([_event(merge, actor)])
    return merge


def _refuse_own_dependant(people: list[int]) -> None:
    """Nobody is their own dependant: newborns have the CPF of their mother, and look like her."""
    between = Beneficiary.objects.filter(person__in=people, holder__person__in=people)
    if between.exclude(person=F("holder__person")).exists():
        raise RegroupingRefused(
            "Uma é dependente da outra em um plano: são duas pessoas, ou o titular do vínculo está errado."
        )


def _end_one_number(kept_id: int, other_id: int, side: str) -> int | None:
    """Of two current numbers one gives way; its key."""
    ours, theirs = current_number(kept_id), current_number(other_id)
    if ours is None or theirs is None:
        return None
    loses = theirs if side == KEPT else ours
    CnsNumber.objects.filter(pk=loses.pk).update(ended_at=timezone.now(), end_reason=EndReason.MERGED)
    return loses.pk


def _give(merge: Regrouping, kept: Person, other: Person, changes: Mapping[str, Any]) -> None:
    own = current_number(merge.person_id)
    merge.withdrawn_reviews = withdraw_answered([merge.person_id, merge.other_id])
    merge.carried_pairs = _carry_pairs(merge.other_id, merge.person_id)
    merge.moved = move_all(merge.other_id, merge.person_id)
    delete_record(other.pk)
    if own is None:
        kept.cns_confirmed_at = other.cns_confirmed_at
    if CnsNumber.objects.filter(person=kept, number=kept.cns_refused_number).exists():  # it was the other record's
        kept.cns_refusal = kept.cns_refusal_source = kept.cns_refused_number = ""
    for name, value in changes.items():
        setattr(kept, name, value)
    kept.save()
    merge.after = fields_of(kept, list(changes))
    merge.stood = state_of([merge.person_id])
    merge.save()


def _carry_pairs(gone: int, kept: int) -> list[int]:
    """Who was said to be somebody else than the record that goes is somebody else than the one that stays."""
    pairs = [*DistinctPair.objects.filter(low_id=gone), *DistinctPair.objects.filter(high_id=gone)]
    carried = []
    for pair in pairs:
        third = pair.high_id if pair.low_id == gone else pair.low_id
        low, high = pair_of(kept, third)
        if third != kept and not DistinctPair.objects.filter(low_id=low, high_id=high).exists():
            pair.pk, pair.low_id, pair.high_id, pair._state.adding = None, low, high, True  # noqa: SLF001
            pair.save()
            carried.append(pair.pk)
    return carried


def _event(merge: Regrouping, actor: User) -> Event:
    data = {
        "other": merge.other_id, "moved": counts(merge.moved), "fields": sorted(merge.after), "reason": merge.reason,
        "before": {name: merge.before[name] for name in merge.after}, "after": merge.after,
    }  # fmt: skip
    return Event(EventKind.PEOPLE_MERGED, "regrouping", merge.pk, merge.person_id, actor, data=data)


__all__ = ["CNS", "KEPT", "OTHER", "RegroupingRefused", "differing", "merge_people", "merged_values"]
