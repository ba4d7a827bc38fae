"""Undoes a merge or a split: exactly, or not at all where later work depends on it."""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from beneficiaries.models import CnsNumber, DistinctPair, Person, Regrouping, Review
from beneficiaries.queries.dependents import dependents_of
from beneficiaries.services.deduplication.regrouping import (
    PERSON_FIELDS,
    RegroupingRefused,
    announce_removed_numbers,
    counts,
    current_numbers,
    delete_record,
    fields_of,
    from_record,
    lock_people_to_regroup,
    move_all,
    move_rows,
    set_fields,
    state_of,
    this_transaction,
    withdraw_answered,
)
from operators.audit import Event, EventKind, record
from operators.models import User

LATER_REGROUPING = "depois disso um dos cadastros foi juntado ou separado de novo; desfaça antes o que veio depois"
LATER_LINKS = "depois disso entraram, saíram ou mudaram de pessoa vínculos"
LATER_NUMBERS = "depois disso um CNS foi vinculado, encerrado ou mudou de pessoa"
LATER_DECISION = "depois disso uma revisão foi decidida"
LATER_FIELDS = "depois disso foram alterados dados que isto tinha mudado"
CPF_TAKEN = "o CPF do cadastro que voltaria já é de outra pessoa"
ALREADY = "Isto já foi desfeito."


@transaction.atomic
def undo_regrouping(regrouping_id: int, *, actor: User) -> Regrouping:
    """Put everything back where it was. Raises RegroupingRefused, with a sentence of what depends on it."""
    found = Regrouping.objects.get(pk=regrouping_id)
    needed = [found.person_id] if found.is_merge else [found.person_id, found.other_id]
    people = lock_people_to_regroup(found.person_id, found.other_id, needed=needed)
    made = Regrouping.objects.select_for_update().get(pk=regrouping_id)
    if made.undone_at is not None:
        raise RegroupingRefused(ALREADY)
    if reasons := reasons_against_undo(made, people):
        raise RegroupingRefused(f"Não dá para desfazer: {'; '.join(reasons)}.")
    made.undone_at, made.undone_by, made.transaction = timezone.now(), actor, this_transaction()
    made.save(update_fields=["undone_at", "undone_by", "transaction"])
    moved = (_merge_back if made.is_merge else _split_back)(made, people[made.person_id])
    both = [made.person_id, made.other_id]
    announce_removed_numbers(both if made.is_merge else both[:1], current_numbers(both))
    kind = EventKind.PEOPLE_MERGE_UNDONE if made.is_merge else EventKind.PERSON_SPLIT_UNDONE
    data = {"other": made.other_id, "moved": counts(moved)}
    record([Event(kind, "regrouping", made.pk, made.person_id, actor, data=data)])
    return made


def _merge_back(made: Regrouping, kept: Person) -> dict[str, list[int]]:
    """The record is made again before anything can be given to it, with the CPF that the other one leaves to it."""
    set_fields(kept, made.before)
    from_record(made.record)
    moved = move_rows(made.moved, made.person_id, made.other_id)
    CnsNumber.objects.filter(pk__in=filter(None, [made.ended_number])).update(ended_at=None, end_reason="")
    _reopen_cases(made)
    DistinctPair.objects.filter(pk__in=made.carried_pairs).delete()
    return moved


def _reopen_cases(made: Regrouping) -> None:
    """But for those that were asked again meanwhile."""
    asked = Review.objects.filter(status=Review.Status.OPEN, person=OuterRef("person"), number=OuterRef("number"))
    cases = Review.objects.filter(~Exists(asked), pk__in=made.withdrawn_reviews, status=Review.Status.WITHDRAWN)
    told = list(cases.values_list("pk", "person_id", "origin"))
    Review.objects.filter(pk__in=[pk for pk, _, _ in told]).update(status=Review.Status.OPEN, decided_at=None)
    record(
        Event(EventKind.REVIEW_REOPENED, "review", pk, person, made.undone_by, origin) for pk, person, origin in told
    )


def _split_back(made: Regrouping, person: Person) -> dict[str, list[int]]:
    """Whatever came to the new record meanwhile goes with it: its questions to DATASUS are the person's."""
    withdraw_answered([made.person_id, made.other_id])
    moved = move_all(made.other_id, made.person_id)
    delete_record(made.other_id)
    set_fields(person, made.before)
    return moved


def reasons_against_undo(made: Regrouping, people: dict[int, Person]) -> list[str]:
    """Why it may not be taken back; nothing where it may."""
    both = [made.person_id] if made.is_merge else [made.person_id, made.other_id]
    now = state_of(both)
    later = Regrouping.objects.standing().filter(pk__gt=made.pk)
    found = {
        LATER_REGROUPING: any(later.of(person).exists() for person in (made.person_id, made.other_id)),
        LATER_LINKS: now["links"] != made.stood["links"],
        LATER_NUMBERS: now["numbers"] != made.stood["numbers"],
        LATER_DECISION: _was_decided_since(made, both),
        LATER_FIELDS: _were_edited_since(made, people),
        CPF_TAKEN: _is_cpf_taken(made),
    }
    return [sentence for sentence, stands in found.items() if stands] + _made_of_it(made, both)


def _was_decided_since(made: Regrouping, people: list[int]) -> bool:
    decided = [Review.Status.ACCEPTED, Review.Status.DISMISSED]
    return Review.objects.filter(person__in=people, status__in=decided, decided_at__gt=made.made_at).exists()


def _were_edited_since(made: Regrouping, people: dict[int, Person]) -> bool:
    if fields_of(people[made.person_id], made.after) != made.after:
        return True
    return not made.is_merge and fields_of(people[made.other_id], PERSON_FIELDS) != made.record["told"]


def _is_cpf_taken(made: Regrouping) -> bool:
    """The CPF that would come back: of the record that went, or of the one that stays."""
    cpfs = [made.before.get("cpf"), made.record["fields"]["cpf"] if made.is_merge else None]
    own = [made.person_id, made.other_id]
    return Person.objects.filter(cpf__in=[cpf for cpf in cpfs if cpf]).exclude(pk__in=own).exists()


def _made_of_it(made: Regrouping, people: list[int]) -> list[str]:
    """What other apps made since with the numbers of these people, as cards."""
    numbers = dict(CnsNumber.objects.current().filter(person__in=people).values_list("person_id", "number"))
    return [dependent.sentence for dependent in dependents_of(numbers, made.made_at)]
