"""Two records made one and one made two, by hand, and the way back."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from beneficiaries.models import Beneficiary, CnsNumber, CnsSource, DistinctPair, Person, Regrouping, Review
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.deduplication.merge_people import KEPT, OTHER, differing, merge_people
from beneficiaries.services.deduplication.regrouping import (
    PERSON_FIELDS,
    RegroupingRefused,
    following_links,
    people_token,
    referring_to_people,
)
from beneficiaries.services.deduplication.split_person import Leaving, split_person
from beneficiaries.services.deduplication.undo_regrouping import undo_regrouping
from beneficiaries.services.detach_cns import withdraw_reviews
from beneficiaries.services.edit import DuplicateValue
from beneficiaries.services.remove_wrong_cns import remove_wrong_cns
from beneficiaries.services.reviews import ReviewCase, open_reviews, settle_review
from cadsus.models import Lookup, LookupReason, Priority
from cadsus.services.lookups.enqueue import ask_cns
from cards.services.issue import issue_cards
from cnsportal.db.optimistic_lock import EditConflict
from cnsportal.jobs import Status
from operators.models import AuditEvent
from sib.models import ConferenceFile, Movement
from tests.factories import BeneficiaryFactory, ContractFactory, PersonFactory, PlanFactory, UserFactory, cns

MARIA = {"name": "Maria Exemplo da Silva", "birth_date": date(1984, 2, 29), "mother_name": "Joana Exemplo"}


def person(**told):
    return PersonFactory(**{**MARIA, **told})


def give(somebody, index, **offer):
    attach_cns([CnsOffer(somebody.pk, cns(index), **{"source": CnsSource.CADSUS, "tier": "A", **offer})])


def merge(kept, other, reason="é a mesma", **choices):
    kept, other = Person.objects.get(pk=kept.pk), Person.objects.get(pk=other.pk)
    return merge_people(
        kept.pk, other.pk, choices, reason=reason, read=people_token([kept, other]), actor=UserFactory()
    )  # fmt: skip


def split(somebody, leaving, *, stays=None, **goes):
    somebody = Person.objects.get(pk=somebody.pk)
    told = {name: getattr(somebody, name) for name in PERSON_FIELDS if name != "cpf"} | {"cpf": None}
    return split_person(
        somebody.pk, stays or {}, told | goes, leaving,
        reason="são gêmeos", read=people_token([somebody]), actor=UserFactory(),
    )  # fmt: skip


def registry():
    """Everything that merging touches, to the letter."""
    tables = (Person, Beneficiary, CnsNumber, Review, Lookup, Movement, DistinctPair)
    return {table: list(table.objects.order_by("pk").values()) for table in tables}


@pytest.fixture
def pair(operator):
    """A record with CPF and number, and one without, each with a link."""
    kept, other = person(cpf="11144477735", phone=""), person(cpf=None, phone="11 5555-0000", dn="30111111111")
    BeneficiaryFactory(person=kept, code="1")
    BeneficiaryFactory(person=other, code="2")
    give(kept, 1)
    return kept, other


def test_merge_gives_links_and_what_only_one_side_tells(pair):
    kept, other = pair

    merge(kept, other)

    only = Person.objects.get()
    assert (only.pk, only.cpf, only.phone, only.dn) == (kept.pk, "11144477735", "11 5555-0000", "30111111111")
    assert list(only.links.order_by("code").values_list("code", flat=True)) == ["1", "2"]
    assert Regrouping.objects.kept_for(other.pk) == kept.pk


def test_merge_gives_the_number_with_its_evidence_where_the_kept_one_has_none(operator):
    kept, other = person(cpf=None), person(cpf="11144477735")
    give(other, 1, evidence={"reason": "SAME_PERSON"})
    before = CnsNumber.objects.values().get()

    merge(kept, other)

    assert CnsNumber.objects.values().get() == before | {"person_id": kept.pk}


@pytest.mark.parametrize(("choice", "current"), [({}, 1), ({"cns": OTHER}, 2)])
def test_merge_leaves_one_of_two_current_numbers_and_keeps_the_other_in_the_history(operator, choice, current):
    kept, other = person(), person(cpf=None)
    give(kept, 1)
    give(other, 2)

    merge(kept, other, **choice)

    numbers = {number.number: number.end_reason for number in CnsNumber.objects.filter(person=kept)}
    assert numbers == {cns(current): "", cns(3 - current): "MERGED"}


def test_merge_takes_what_was_chosen_where_the_two_differ(operator):
    kept, other = person(cpf="11144477735", sex="3"), person(cpf="52998224725", sex="1", name="Maria E. da Silva")

    assert differing(kept, other) == ["name", "cpf", "sex"]
    merge(kept, other, cpf=OTHER, name=OTHER)

    only = Person.objects.get()
    assert (only.cpf, only.name, only.name_key, only.sex) == (
        "52998224725",
        "Maria E. da Silva",
        "MARIA E DA SILVA",
        "3",
    )


def test_merge_calls_a_newborn_by_the_name_it_has(operator):
    kept, other = person(name="RN de Joana Exemplo"), person(cpf=None, name="João Exemplo")

    assert differing(kept, other) == []
    merge(kept, other)

    assert Person.objects.get().name == "João Exemplo"


def test_merge_of_cases_asks_once_about_one_number_and_not_about_the_one_they_have(pair):
    kept, other = pair
    case = {"source": CnsSource.CADSUS, "tier": "D", "reason": "WITHOUT_CPF"}
    open_reviews([ReviewCase(other.pk, cns(1), **case), ReviewCase(other.pk, cns(5), **case)])
    open_reviews([ReviewCase(kept.pk, cns(5), **case)])

    merge(kept, other)

    cases = Review.objects.filter(person=kept).order_by("number", "pk").values_list("number", "status")
    assert list(cases) == [(cns(1), "WITHDRAWN"), (cns(5), "OPEN"), (cns(5), "WITHDRAWN")]
    assert AuditEvent.objects.filter(kind="review.withdrawn").count() == 2


def test_merge_answers_that_the_number_is_somebody_elses(operator):
    kept, other = person(cpf=None), person(cpf=None)
    give(other, 1)
    give(kept, 1)
    assert Person.objects.get(pk=kept.pk).cns_refusal == "TAKEN"

    merge(kept, other)

    only = Person.objects.get()
    assert (only.cns_refusal, only.cns_refused_number, only.cns_numbers.get().number) == ("", "", cns(1))


def test_merge_leaves_one_event_that_says_why_and_hides_what_is_personal(pair):
    kept, other = pair

    made = merge(kept, other, reason="mesmo RG, visto no balcão")

    event = AuditEvent.objects.get(kind="people.merged")
    assert (event.person_id, event.subject_id, event.data["other"]) == (kept.pk, made.pk, other.pk)
    assert event.data["moved"] == {"beneficiary": 1}
    assert event.personal["reason"] == "mesmo RG, visto no balcão"
    assert event.personal["after"]["phone"] == "11 5555-0000"


def draft(operator, link, number):
    told = {"cns": number}
    return Movement.objects.create(
        operator=operator, person=link.person, beneficiary=link, type="2", state="READY", fields=told
    )


def test_drafts_for_ans_that_tell_the_number_that_gave_way_are_held(operator, pair):
    kept, other = pair
    give(other, 2)
    drafts = [draft(operator, somebody.links.get(), cns(at)) for at, somebody in enumerate(pair, 1)]

    merge(kept, other)

    assert [Movement.objects.get(pk=each.pk).state for each in drafts] == ["READY", "HELD"]


def test_drafts_for_ans_of_the_new_record_do_not_tell_the_number_that_stays(operator):
    both = person()
    links = [BeneficiaryFactory(person=both, code=code) for code in "12"]
    give(both, 1)
    drafts = [draft(operator, link, cns(1)) for link in links]

    split(both, Leaving([links[1].pk]))

    assert [Movement.objects.get(pk=each.pk).state for each in drafts] == ["READY", "HELD"]


def test_everything_that_refers_to_a_person_moves():
    """Whoever adds a table that refers to people reads this list, and decides."""
    assert sorted(referring_to_people()) == [
        "beneficiaries_beneficiary", "beneficiaries_cnsnumber", "beneficiaries_review", "cadsus_lookup",
        "sib_difference", "sib_movement", "sib_rejection",
    ]  # fmt: skip
    assert following_links() == dict.fromkeys(["sib_difference", "sib_movement", "sib_rejection"], "beneficiary_id")


def test_merge_takes_questions_out_of_the_queue_and_waits_for_one_that_is_asked(pair):
    kept, other = pair
    ask_cns([other.pk], reason=LookupReason.REQUESTED, priority=Priority.BACKLOG)
    Lookup.objects.update(status=Status.RUNNING)
    with pytest.raises(RegroupingRefused, match="DATASUS está sendo consultado"):
        merge(kept, other)
    Lookup.objects.update(status=Status.QUEUED)

    merge(kept, other)

    assert Lookup.objects.values_list("person", "status").get() == (kept.pk, Status.CANCELLED)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_merge_waits_for_a_conference_that_is_at_work(operator, pair, status):
    file = ConferenceFile.objects.create(
        operator=operator, name="a", path="/", digest="0" * 64, size=1, wants_apply=False, status=status
    )
    with pytest.raises(RegroupingRefused, match="Espere ela terminar"):
        merge(*pair)
    ConferenceFile.objects.filter(pk=file.pk).update(status=Status.WAITING)

    merge(*pair)

    assert Person.objects.count() == 1


def test_merge_of_what_is_not_as_it_was_read_writes_nothing(pair):
    kept, other = pair
    read = people_token([kept, other])
    BeneficiaryFactory(person=other, code="3")

    with pytest.raises(EditConflict):
        merge_people(kept.pk, other.pk, {}, reason="x", read=read, actor=UserFactory())

    assert Person.objects.count() == 2


def test_merged_twice_leads_to_who_has_it_all(operator):
    first, second, third = person(), person(cpf=None), person(cpf=None)
    merge(second, third)
    merge(first, second)

    assert [Regrouping.objects.kept_for(each.pk) for each in (first, second, third)] == [None, first.pk, first.pk]
    assert sorted(Regrouping.objects.merged_into(first.pk)) == [second.pk, third.pk]


# ---- the way back ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("choices", [{}, {"cns": OTHER, "sex": OTHER, "cpf": OTHER, "address": OTHER}])
def test_undone_merge_restores_both_to_the_letter(operator, choices):
    kept, other = person(street="Rua A", city_code="355030"), person(sex="1", street="Rua B", phone="11 5555-0000")
    for at, somebody in enumerate((kept, other), 1):
        link = BeneficiaryFactory(person=somebody, code=str(at))
        give(somebody, at)
        Movement.objects.create(operator=operator, person=somebody, beneficiary=link, type="2")
        open_reviews([ReviewCase(somebody.pk, cns(9), CnsSource.CADSUS, "D", "WITHOUT_CPF")])
    third = person(cpf=None)
    DistinctPair.objects.create(operator=operator, low_id=other.pk, high_id=third.pk, reason="gêmeas")
    Person.objects.filter(pk=kept.pk).update(cns_refusal="TAKEN", cns_refused_number=cns(2), cns_answer="NOT_FOUND")
    Person.objects.update(updated_at="2026-01-01T00:00:00Z")
    before = registry()

    made = merge(kept, other, **choices)
    while_merged = registry()
    undo_regrouping(made.pk, actor=UserFactory())

    after = registry()
    after[Person][0]["updated_at"] = before[Person][0]["updated_at"]  # of the one that stayed: it was written
    assert while_merged != before
    assert after == before
    assert AuditEvent.objects.filter(kind="people.merge_undone", person_id=kept.pk).count() == 1


def later_link(kept):
    BeneficiaryFactory(person=kept, code="9")


def later_number(kept):
    give(kept, 7)


def later_merge(kept):
    merge(kept, person(cpf=None))


def later_edit(kept):
    Person.objects.filter(pk=kept.pk).update(phone="11 4444-0000")


def later_card(kept):
    Beneficiary.objects.update(plan=PlanFactory(whole=True), contract=ContractFactory())
    assert issue_cards([kept.links.first().pk]).cards


def later_decision(kept):
    open_reviews([ReviewCase(kept.pk, cns(8), CnsSource.CADSUS, "D", "WITHOUT_CPF")])
    settle_review(Review.objects.get().pk, accept=False, actor=UserFactory())


def later_cpf(_kept):
    person(cpf="52998224725")


@pytest.mark.parametrize(
    ("work", "sentence"),
    [
        (later_link, "entraram, saíram ou mudaram de pessoa vínculos"),
        (later_number, "um CNS foi vinculado"),
        (later_merge, "foi juntado ou separado de novo"),
        (later_edit, "foram alterados dados"),
        (later_decision, "uma revisão foi decidida"),
        (later_card, "o cartão"),
        (later_cpf, "o CPF do cadastro que voltaria já é de outra pessoa"),
    ],
)
def test_merge_is_not_undone_where_later_work_stands_on_it(operator, work, sentence):
    kept, other = person(cpf="11144477735", phone=""), person(cpf="52998224725", phone="11 5555-0000")
    BeneficiaryFactory(person=kept, code="1")
    BeneficiaryFactory(person=other, code="2")
    give(kept, 1)
    made = merge(kept, other)
    work(kept)

    with pytest.raises(RegroupingRefused, match=sentence):
        undo_regrouping(made.pk, actor=UserFactory())

    assert Regrouping.objects.get(pk=made.pk).undone_at is None


def test_merge_is_undone_once(pair):
    made = merge(*pair)
    undo_regrouping(made.pk, actor=UserFactory())

    with pytest.raises(RegroupingRefused, match="já foi desfeito"):
        undo_regrouping(made.pk, actor=UserFactory())


# ---- split ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def three_in_one(operator):
    """What an import made of newborns: three links, one number, one record."""
    child = person(cpf=None, name="RN de Joana Exemplo", dn="30111111111", street="Rua A")
    links = [BeneficiaryFactory(person=child, code=code) for code in "123"]
    give(child, 1)
    return child, links


def test_split_makes_a_record_of_the_chosen_links_with_a_history_of_its_own(three_in_one):
    child, (_, second, _) = three_in_one

    made = split(child, Leaving([second.pk]), name="Pedro Exemplo", dn="30222222222", cpf="11144477735")

    new = Person.objects.get(pk=made.other_id)
    assert (new.name, new.name_key, new.dn, new.cpf, new.street) == (
        "Pedro Exemplo", "PEDRO EXEMPLO", "30222222222", "11144477735", "Rua A",
    )  # fmt: skip
    assert [list(each.links.values_list("code", flat=True)) for each in (new, child)] == [["2"], ["1", "3"]]
    assert (new.cns_numbers.count(), child.cns_numbers.count()) == (0, 1)
    assert set(AuditEvent.objects.filter(kind="person.split").values_list("person_id", flat=True)) == {child.pk, new.pk}


def test_split_takes_chosen_numbers_cases_and_what_hangs_on_the_links_along(operator, three_in_one):
    child, (_, second, _) = three_in_one
    Movement.objects.create(operator=operator, person=child, beneficiary=second, type="1")
    open_reviews([ReviewCase(child.pk, cns(4), CnsSource.CADSUS, "D", "WITHOUT_CPF")])
    leaving = Leaving([second.pk], [CnsNumber.objects.get().pk], [Review.objects.get().pk])

    made = split(child, leaving, name="Pedro Exemplo")

    owners = [table.objects.get().person_id for table in (CnsNumber, Review, Movement)]
    assert owners == [made.other_id] * 3


def test_split_mends_the_one_who_stays_and_may_give_the_cpf_away(operator):
    both = person(cpf="11144477735")
    links = [BeneficiaryFactory(person=both, code=code) for code in "12"]

    made = split(both, Leaving([links[0].pk]), stays={"cpf": None, "name": "Ana Exemplo"}, cpf="11144477735")

    told = dict(Person.objects.values_list("pk", "cpf"))
    assert (told, Person.objects.get(pk=both.pk).name) == ({both.pk: None, made.other_id: "11144477735"}, "Ana Exemplo")


def test_split_refuses_a_cpf_that_somebody_else_has(three_in_one):
    child, (first, *_) = three_in_one
    person(cpf="52998224725")

    with pytest.raises(DuplicateValue, match="Este CPF já é de outra pessoa"):
        split(child, Leaving([first.pk]), cpf="52998224725")

    assert Regrouping.objects.count() == 0


@pytest.mark.parametrize("leaving", ["none", "all"])
def test_split_leaves_nobody_without_a_link(three_in_one, leaving):
    child, links = three_in_one

    with pytest.raises(RegroupingRefused, match="ao menos um sai, e ao menos um fica"):
        split(child, Leaving([link.pk for link in links] if leaving == "all" else []))


def test_undone_split_restores_the_one_record_to_the_letter(operator, three_in_one):
    child, (_, second, _) = three_in_one
    Movement.objects.create(operator=operator, person=child, beneficiary=second, type="1")
    Person.objects.update(updated_at="2026-01-01T00:00:00Z")
    before = registry()

    made = split(child, Leaving([second.pk], [CnsNumber.objects.get().pk]), stays={"dn": ""}, name="Pedro Exemplo")
    undo_regrouping(made.pk, actor=UserFactory())

    after = registry()
    after[Person][0]["updated_at"] = before[Person][0]["updated_at"]
    assert after == before


def test_split_is_not_undone_once_the_new_record_was_mended(three_in_one):
    child, (first, *_) = three_in_one
    made = split(child, Leaving([first.pk]), name="Pedro Exemplo")
    Person.objects.filter(pk=made.other_id).update(cpf="11144477735")

    with pytest.raises(RegroupingRefused, match="foram alterados dados"):
        undo_regrouping(made.pk, actor=UserFactory())


# ---- the database agrees --------------------------------------------------------------------------------------------
def test_a_number_changes_its_person_in_no_other_way(operator, pair):
    kept, other = pair
    merge(kept, person(cpf=None))  # in this very transaction, but of another record

    with pytest.raises(DatabaseError, match="only ends, once"), transaction.atomic():
        CnsNumber.objects.update(person=other)


def test_a_number_that_gave_way_comes_back_in_no_other_way(operator):
    kept, other = person(), person(cpf=None)
    give(kept, 1)
    give(other, 2)
    merge(kept, other)

    with pytest.raises(DatabaseError, match="only ends, once"), transaction.atomic():
        CnsNumber.objects.filter(end_reason="MERGED").update(ended_at=None, end_reason="")


def test_numbers_are_never_deleted(pair):
    with pytest.raises(DatabaseError, match="only ends, once"), transaction.atomic():
        CnsNumber.objects.all().delete()


# ---- open cases -----------------------------------------------------------------------------------------------------
def case_of(somebody, index=1, origin="sib.difference:7"):
    open_reviews([ReviewCase(somebody.pk, cns(index), CnsSource.CNX, "B", "NAME_ABBREVIATED", origin=origin)])
    return Review.objects.filter(person=somebody).latest("pk")


def cases():
    return list(Review.objects.order_by("pk").values_list("person_id", "status"))


def test_merge_leaves_a_case_open_that_would_confirm_the_number(operator):
    kept, other = person(cpf="11144477735"), person(cpf=None)
    give(kept, 1, source=CnsSource.INFORMED, verified=False)
    case_of(other)

    merge(kept, other)

    assert cases() == [(kept.pk, "OPEN")]


def test_undoing_a_merge_leaves_a_case_alone_that_was_asked_anew(operator):
    other, kept = person(cpf=None), person(cpf="11144477735")
    case_of(other, origin="sib.difference:1")
    case_of(kept, origin="sib.difference:2")
    made = merge(kept, other)
    withdraw_reviews([kept.pk], ["sib.difference:1"])
    case_of(kept, origin="sib.difference:3")

    undo_regrouping(made.pk, actor=UserFactory())

    assert cases() == [(other.pk, "WITHDRAWN"), (kept.pk, "WITHDRAWN"), (kept.pk, "OPEN")]


def test_undoing_a_split_leaves_one_case_of_each_number(operator):
    somebody = person(cpf="11144477735")
    _, leaves = BeneficiaryFactory(person=somebody, code="1"), BeneficiaryFactory(person=somebody, code="2")
    made = split(somebody, Leaving([leaves.pk]), name="João Exemplo da Silva")
    for each in (somebody.pk, made.other_id):
        case_of(Person.objects.get(pk=each))

    undo_regrouping(made.pk, actor=UserFactory())

    assert cases() == [(somebody.pk, "OPEN"), (somebody.pk, "WITHDRAWN")]


def test_number_that_gave_way_is_asked_about_where_the_other_one_was_wrong(pair):
    kept, other = pair
    give(other, 2)
    merge(kept, other, cns=KEPT)

    remove_wrong_cns(CnsNumber.objects.current().get().pk, reason="", actor=UserFactory())

    assert list(Review.objects.values_list("person_id", "number", "status")) == [(kept.pk, cns(2), "OPEN")]


def test_nobody_becomes_his_own_dependant(pair):
    kept, other = pair
    Beneficiary.objects.filter(person=other).update(holder=Beneficiary.objects.get(person=kept))

    for one, two in (pair, pair[::-1]):
        with pytest.raises(RegroupingRefused, match="são duas pessoas"):
            merge(one, two)


def test_every_reference_is_a_plain_foreign_key(db):
    """The move is written for keys called id."""
    for table in referring_to_people():
        with connection.cursor() as cursor:
            assert "id" in connection.introspection.get_primary_key_columns(cursor, table)
