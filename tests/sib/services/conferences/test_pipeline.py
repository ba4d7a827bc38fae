from datetime import date

import pytest
from django.utils import timezone

from beneficiaries.models import CnsNumber, CnsSource, PendingReason, Review
from cnsportal.jobs import Status
from operators.models import AuditEvent
from sib.models import CnxRow, CnxStep, Difference
from sib.services import apply_conference, process_conference, receive_file, request_apply, retry_conference
from tests.beneficiaries.reasons import reason_of
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory, UserFactory, cns
from tests.sib.cns_numbers import hold, number_of
from tests.sib.files import conference, record


def test_a_new_number_is_attached_with_its_evidence(bring):
    link = BeneficiaryFactory()

    file = bring(record(link, cns=cns(1)))

    kept = CnsNumber.objects.get()
    assert (file.status, file.step, file.outcomes, file.applied) == (
        Status.DONE,
        CnxStep.APPLIED,
        {"CNS_NEW": 1},
        1,
    )
    assert (kept.number, kept.source, kept.tier, kept.evidence["file"]) == (cns(1), "CNX", "A", file.pk)
    assert [field["field"] for field in kept.evidence["comparison"]][:3] == ["cpf", "nascimento", "nome"]
    assert AuditEvent.objects.get(kind="cns.attached").source == f"sib.conferencefile:{file.pk}"


@pytest.mark.parametrize(
    ("ours", "changes", "outcome", "after"),
    [
        (cns(1), {"cns": cns(1)}, "EQUAL", (cns(1), "CADSUS", True)),
        (cns(1), {"cns": cns(2)}, "CNS_CHANGED", (cns(2), "CNX", True)),
        (cns(1), {"cns": None}, "CNS_BLANK", (cns(1), "CADSUS", True)),
        (cns(1), {"cns": "100000000000008"}, "CNS_INVALID", (cns(1), "CADSUS", True)),
        (None, {"cns": None}, "HOLDER_WITHOUT_CNS", None),
        (None, {"cns": cns(2), "nome": "JOANA EXEMPLO Z"}, "OTHER_PERSON", None),
        (None, {"cns": cns(2), "dataNascimento": "1990-01-01"}, "OTHER_PERSON", None),
        (None, {"cns": cns(2), "cpf": "11144477735"}, "OTHER_PERSON", None),
        (None, {"cns": cns(2), "situacao": "INATIVO"}, "CANCELLED_AT_ANS", None),
        (None, {"cns": cns(2), "nome": "MARIA EXEMPLO Z"}, "REVIEW", None),
    ],
)
def test_what_a_record_says_and_what_becomes_of_our_number(bring, ours, changes, outcome, after):
    link = BeneficiaryFactory(person__name="Maria Aparecida Exemplo Z")
    if ours:
        hold(link, ours)

    file = bring(record(link, **changes))

    assert file.outcomes == {outcome: 1}
    assert number_of(link) == after


@pytest.mark.parametrize(("situacao", "outcome"), [("ATIVO", "ONLY_AT_ANS"), ("INATIVO", "ONLY_AT_ANS_INACTIVE")])
def test_a_record_that_no_link_of_ours_has_is_only_at_ans_and_the_link_only_here(bring, situacao, outcome):
    link = BeneficiaryFactory()

    file = bring(record(link, cns=cns(2), cco="999999999999", codigoBeneficiario="x", situacao=situacao))

    assert file.outcomes == {outcome: 1, "ONLY_HERE": 1}
    assert list(file.differences.order_by("pk").values_list("outcome", "beneficiary", "position")) == [
        (outcome, None, 1), ("ONLY_HERE", link.pk, 0),
    ]  # fmt: skip


def test_a_doubtful_name_goes_to_the_review_desk(bring):
    link = BeneficiaryFactory(person__name="Maria Aparecida Exemplo Z")

    bring(record(link, cns=cns(1), nome="MARIA A EXEMPLO Z"))

    review = Review.objects.get()
    assert (review.person, review.number, review.tier, review.source) == (link.person, cns(1), "B", "CNX")


def test_tier_b_attaches_by_itself_where_the_operator_wants_it(bring, operator):
    operator.auto_tier = "B"
    operator.save()
    link = BeneficiaryFactory(person__name="Maria Aparecida Exemplo Z")

    file = bring(record(link, cns=cns(1), nome="MARIA A EXEMPLO Z"))

    assert (file.outcomes, number_of(link)) == ({"CNS_NEW": 1}, (cns(1), "CNX", True))


def test_a_cco_that_points_to_somebody_else_is_said_on_the_person(bring):
    link = BeneficiaryFactory()

    bring(record(link, cns=cns(1), nome="OUTRA PESSOA QUALQUER"))

    link.person.refresh_from_db()
    assert reason_of(link.person) == PendingReason.OTHER_PERSON


def test_a_number_that_was_only_informed_is_confirmed(bring):
    link = BeneficiaryFactory()
    hold(link, cns(1), CnsSource.IMPORT, verified=False)

    file = bring(record(link, cns=cns(1)))

    assert (file.outcomes, number_of(link)) == ({"CNS_CONFIRMED": 1}, (cns(1), "CNX", True))


def test_a_number_that_somebody_else_holds_is_not_taken(bring):
    holder, link = BeneficiaryFactory(), BeneficiaryFactory()
    hold(holder, cns(1))

    file = bring(record(link, cns=cns(1)))

    assert (file.outcomes, number_of(link)) == ({"CNS_REPEATED": 1, "ONLY_HERE": 1}, None)


def test_a_number_on_two_people_of_the_file_is_given_to_neither(bring):
    first, second = BeneficiaryFactory(), BeneficiaryFactory()

    file = bring(record(first, cns=cns(1)), record(second, cns=cns(1)))

    assert (file.outcomes, CnsNumber.objects.count()) == ({"CNS_REPEATED": 2}, 0)


@pytest.mark.parametrize(
    ("changes", "is_another"),
    [
        ({"nome": "MARIA SILVA"}, False),
        ({"nome": "MARIA DA SILVA", "dataNascimento": "ontem"}, False),
        ({"nome": "RN DE JOANA"}, False),
        ({"nome": "MARTA DA SILVA"}, True),
        ({"nome": "MARIA DA SILVA", "dataNascimento": "1984-03-01"}, True),
    ],
)
def test_a_number_on_a_record_without_cpf_is_another_persons_only_where_something_differs(bring, changes, is_another):
    person = PersonFactory(name="Maria da Silva", birth_date=date(1984, 2, 29))
    first, second = BeneficiaryFactory.create_batch(2, person=person)

    file = bring(record(first, cns=cns(1)), record(second, cns=cns(1), cpf=None, **changes))

    assert ("CNS_REPEATED" in file.outcomes) is is_another


def test_two_links_of_one_person_bring_one_number(bring):
    person = PersonFactory()
    first, second = BeneficiaryFactory(person=person), BeneficiaryFactory(person=person)

    file = bring(record(first, cns=cns(1)), record(second, cns=cns(1)))

    assert (file.outcomes, CnsNumber.objects.count()) == ({"CNS_NEW": 2}, 1)
    assert set(file.differences.values_list("answer", flat=True)) == {"ATTACHED"}


def test_of_two_records_of_one_cco_the_later_one_counts(bring):
    link = BeneficiaryFactory()

    file = bring(
        record(link, cns=cns(2), dataAtualizacao="2026-11-01"), record(link, cns=cns(1), dataAtualizacao="2025-01-01")
    )

    assert (file.outcomes, number_of(link)[0]) == ({"CNS_NEW": 1, "REPEATED": 1}, cns(2))


def test_two_numbers_for_one_person_are_for_the_review_desk_and_stay_there(bring):
    person = PersonFactory()
    first, second = BeneficiaryFactory(person=person), BeneficiaryFactory(person=person)
    records = record(first, cns=cns(1)), record(second, cns=cns(2))

    nights = [bring(*records, sequence=1).outcomes, bring(*records, sequence=2).outcomes]

    assert nights == [{"REVIEW": 2}, {"REVIEW": 2}]
    assert {review.reason for review in Review.objects.all()} == {
        "A conferência traz outro CNS em outro vínculo desta pessoa."
    }
    assert CnsNumber.objects.count() == 0


def test_of_two_numbers_for_one_person_the_one_we_hold_stays(bring):
    person = PersonFactory()
    first, second = BeneficiaryFactory(person=person), BeneficiaryFactory(person=person)
    hold(first, cns(1))

    file = bring(record(first, cns=cns(1)), record(second, cns=cns(2)))

    assert (file.outcomes, number_of(first)) == ({"EQUAL": 1, "REVIEW": 1}, (cns(1), "CADSUS", True))


def test_the_number_of_a_cancelled_record_is_no_second_number(bring):
    person = PersonFactory()
    first, second = BeneficiaryFactory(person=person), BeneficiaryFactory(person=person)

    file = bring(record(first, cns=cns(1)), record(second, cns=cns(2), situacao="INATIVO"))

    assert (file.outcomes, number_of(first)[0]) == ({"CNS_NEW": 1, "CANCELLED_AT_ANS": 1}, cns(1))


@pytest.mark.parametrize("verified", [True, False])
def test_a_newborn_without_cpf_is_equal_when_all_else_is(bring, verified):
    link = BeneficiaryFactory(person__cpf=None, person__birth_date=timezone.localdate(), relationship="4")
    hold(link, cns(1), verified=verified)

    assert bring(record(link, cns=cns(1), cpf=None)).outcomes == {"EQUAL": 1}


@pytest.mark.parametrize(
    ("relationship", "age", "outcome"),
    [("4", 17, "EQUAL"), ("4", 18, "CPF_MISSING"), ("1", 3, "CPF_MISSING")],
    ids=["a minor", "of age", "a holder of three years"],
)
def test_a_cpf_that_both_sides_lack_is_missed_by_role_and_age(bring, relationship, age, outcome):
    today = timezone.localdate()
    born = today.replace(year=today.year - age, day=min(today.day, 28))  # a 29 February has no anniversary
    link = BeneficiaryFactory(person__cpf=None, person__birth_date=born, relationship=relationship)
    hold(link, cns(1))

    assert bring(record(link, cns=cns(1), cpf=None)).outcomes == {outcome: 1}


@pytest.mark.parametrize("told", [{}, {"nome": "MARIA A EXEMPLO Z"}], ids=["new number", "doubtful name"])
def test_nothing_is_written_on_a_person_who_changed_since_the_rehearsal(bring, told):
    link = BeneficiaryFactory(person__name="Maria Aparecida Exemplo Z")
    file = bring(record(link, cns=cns(1), **told), apply=False)
    link.person.name = "Joana Aparecida Exemplo Z"
    link.person.save()

    request_apply(file)
    process_conference(file.pk)

    assert file.differences.get().answer == "CHANGED_SINCE"
    assert (CnsNumber.objects.count(), Review.objects.count()) == (0, 0)


def test_a_cpf_that_only_ans_knows_is_a_difference(bring):
    link = BeneficiaryFactory(person__cpf=None)
    hold(link, cns(1))

    assert bring(record(link, cns=cns(1), cpf="11144477735")).outcomes == {"DIVERGENT": 1}


def test_links_that_the_file_does_not_name_are_counted(bring):
    named, _ = BeneficiaryFactory(), BeneficiaryFactory()

    assert bring(record(named)).only_here == 1


def test_outcomes_add_up_to_the_records(bring):
    links = BeneficiaryFactory.create_batch(30)

    file = bring(*(record(link, cns=cns(index) if index % 3 else None) for index, link in enumerate(links)))

    assert (file.records, sum(file.outcomes.values())) == (30, 30)


def test_a_rehearsal_changes_nothing_but_the_file(bring):
    link = BeneficiaryFactory()

    file = bring(record(link, cns=cns(1)), apply=False)

    assert (file.status, file.step, file.outcomes) == (Status.WAITING, CnxStep.REHEARSED, {"CNS_NEW": 1})
    assert CnsNumber.objects.count() == 0


def test_a_rehearsed_file_is_applied_on_request(bring):
    link = BeneficiaryFactory()
    file = bring(record(link, cns=cns(1)), apply=False)

    requested = apply_conference(file, actor=UserFactory())
    process_conference(file.pk)

    file.refresh_from_db()
    assert (requested, file.step, file.applied, CnsNumber.objects.count()) == (True, CnxStep.APPLIED, 1, 1)


def test_an_applied_file_is_not_applied_again(bring):
    file = bring(record(BeneficiaryFactory(), cns=cns(1)))

    assert not apply_conference(file, actor=UserFactory())


def test_the_same_content_again_is_the_same_row(bring, operator, tmp_path):
    link = BeneficiaryFactory()
    file = bring(record(link, cns=cns(1)))
    copy = conference(tmp_path / "outro nome.cnx", record(link, cns=cns(1)), registration=operator.registration)

    again, is_new = receive_file(copy, name=copy.name, wants_apply=True)

    assert (again, is_new) == (file, False)


@pytest.mark.parametrize(
    ("spoil", "beginning"),
    [
        (lambda content: content[:-40], "O arquivo"),
        (lambda _: b"", "O arquivo"),
        (lambda _: b"isto nao e xml", "O arquivo"),
        (
            lambda content: content.replace(b"<mensagemSIB", b"<!DOCTYPE a [<!ENTITY b 'c'>]><mensagemSIB", 1),
            "Linha 2: O arquivo declara um DTD",
        ),
    ],
)
def test_a_broken_file_is_refused_with_one_sentence_and_changes_nothing(operator, tmp_path, spoil, beginning):
    link = BeneficiaryFactory()
    path = conference(tmp_path / "a.cnx", record(link, cns=cns(1)), registration=operator.registration)
    path.write_bytes(spoil(path.read_bytes()))
    file, _ = receive_file(path, name=path.name, wants_apply=True)

    process_conference(file.pk)

    file.refresh_from_db()
    assert (file.status, file.step) == (Status.FAILED, CnxStep.REFUSED)
    assert file.failure.startswith(beginning)
    assert (CnxRow.objects.count(), Difference.objects.count(), CnsNumber.objects.count()) == (0, 0, 0)


def test_another_operators_file_is_refused(bring):
    file = bring(record(BeneficiaryFactory(), cns=cns(1)), registration="123456")

    assert file.status == Status.FAILED
    assert file.failure.startswith("O arquivo é da operadora 123456, e não da ")
    assert CnxRow.objects.count() == 0


def test_a_file_that_names_no_operator_is_refused(bring):
    file = bring(record(BeneficiaryFactory(), cns=cns(1)), registration="")

    assert file.failure == "O arquivo não diz de qual operadora é. Peça a conferência à ANS de novo."


def test_a_refused_file_may_be_mended_and_taken_up_again(operator, tmp_path):
    link = BeneficiaryFactory()
    path = conference(tmp_path / "a.cnx", record(link, cns=cns(1)), registration="123456")
    file, _ = receive_file(path, name=path.name, wants_apply=True)
    process_conference(file.pk)
    conference(path, record(link, cns=cns(1)), registration=operator.registration)

    retry_conference(file, path)
    process_conference(file.pk)

    file.refresh_from_db()
    assert (file.status, file.failure, file.applied) == (Status.DONE, "", 1)


def test_a_wrong_hash_is_only_a_warning(bring):
    file = bring(record(BeneficiaryFactory(), cns=cns(1)))

    assert (file.hash_state, file.status) == ("DIFFERS", Status.DONE)


def test_a_file_of_one_operator_touches_nobody_elses_people(bring):
    link = BeneficiaryFactory()
    other = OperatorFactory()
    type(link).objects.filter(pk=link.pk).update(operator=other)

    file = bring(record(link, cns=cns(1)))

    assert file.outcomes == {"ONLY_AT_ANS": 1}
