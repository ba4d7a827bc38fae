"""One person: the history of the CNS and its evidence, the next step, unmasking on purpose."""

from datetime import date

import pytest
from django.urls import reverse

from beneficiaries.domain.identifiers import format_cns, format_cpf
from beneficiaries.models import CnsSource, PendingReason, Person
from beneficiaries.services import CnsOffer, attach_cns
from beneficiaries.services.reviews import ReviewCase, open_reviews
from beneficiaries.views.next_step import BY_ITSELF, OTHER_NUMBER, SAME_NUMBER
from operators.context import operator_context
from operators.models import AuditEvent
from operators.permissions import Role
from tests.beneficiaries.reasons import TAKEN, give_reason
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory, cns
from tests.pages import signed_in, text_of


def _address(operator, person, name="person"):
    return reverse(f"beneficiaries:{name}", args=[operator.registration, person.pk])


def _comparison(**changes):
    field = {
        "field": "nome",
        "ours": "Ana M. Exemplo",
        "theirs": "Ana Maria Exemplo",
        "agreement": "ABBREVIATED",
    }
    return [field | changes]


@pytest.fixture
def person(operator):
    return BeneficiaryFactory().person


def test_person_of_another_operator_is_not_found(operator, db):
    client = signed_in(operator, *Role)
    person_of_other = 10_000_000

    assert client.get(f"/o/{operator.registration}/pessoas/{person_of_other}/").status_code == 404


def test_person_is_not_found_below_the_address_of_an_operator_that_does_not_own_it(db):
    ours, theirs = OperatorFactory.create_batch(2)
    with operator_context(theirs.pk):
        person = PersonFactory()

    assert signed_in(ours, *Role).get(_address(ours, person)).status_code == 404


@pytest.mark.parametrize(("code", "shown"), [("355030", "São Paulo (SP)"), ("000000", "000000"), ("", "não informado")])
def test_person_lives_in_a_town_with_a_name(operator, code, shown):
    person = PersonFactory(city_code=code)

    page = text_of(signed_in(operator, Role.CONSULTA).get(_address(operator, person)))

    assert f"Município {shown}" in page


def test_form_of_a_person_shows_and_takes_the_town_by_its_name(operator):
    person, client = PersonFactory(city_code="355030"), signed_in(operator, Role.CADASTRO)
    page = _address(operator, person, "person_edit")

    shown = client.get(page).context["form"]
    sent = {field.name: field.value() or "" for field in shown} | {"city_code": "Bom Jesus/PI"}
    client.post(page, sent)

    person.refresh_from_db()
    assert (shown["city_code"].value(), person.city_code) == ("São Paulo/SP", "220190")


def test_person_shows_history_with_source_and_evidence(operator, person):
    attach_cns([CnsOffer(person.pk, cns(1), CnsSource.IMPORT, verified=False)])
    evidence = {"tier": "B", "reason": "NAME_ABBREVIATED", "comparison": _comparison()}
    attach_cns([CnsOffer(person.pk, cns(2), CnsSource.CADSUS, kind="D", tier="B", evidence=evidence)])

    response = signed_in(operator, Role.CONSULTA).get(_address(operator, person))

    page = text_of(response)
    assert [number.number for number in response.context["numbers"]] == [cns(2), cns(1)]
    assert "Origem DATASUS (CadSUS), nível B" in page
    assert "CPF e nascimento são iguais; o nome está abreviado ou incompleto." in page
    assert "substituído por outro número" in page
    assert "Ana M<mark>.</mark> Exemplo" in response.content.decode()
    assert "Ana M<mark>aria</mark> Exemplo" in response.content.decode()


def test_person_shows_what_happened_newest_first(operator, person):
    attach_cns([CnsOffer(person.pk, cns(1), CnsSource.IMPORT, verified=False)])
    attach_cns([CnsOffer(person.pk, cns(2), CnsSource.CADSUS, tier="A")])

    moments = signed_in(operator, Role.CONSULTA).get(_address(operator, person)).context["moments"]

    assert [(moment.label, moment.detail, moment.who) for moment in moments] == [
        ("CNS substituído", f"••• •••• •••• {cns(2)[-4:]}, DATASUS (CadSUS), nível A", "sistema"),
        ("CNS vinculado", f"••• •••• •••• {cns(1)[-4:]}, cadastro da operadora", "sistema"),
    ]


def test_person_shows_the_family_of_the_contract(operator, person):
    holder = person.links.get()
    child = BeneficiaryFactory(holder=holder, relationship="4")
    sibling = BeneficiaryFactory(holder=holder, relationship="4")
    BeneficiaryFactory()

    response = signed_in(operator, Role.CONSULTA).get(_address(operator, child.person))

    assert [link.pk for link in response.context["family"]] == [holder.pk, sibling.pk]


def test_person_is_read_without_writing(operator, person):
    before = AuditEvent.objects.count()

    signed_in(operator, *Role).get(_address(operator, person))

    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("count", [1, 3])
def test_person_asks_the_same_number_of_queries_however_long_the_history(
    operator, person, count, django_assert_num_queries
):
    for index in range(count):
        attach_cns([CnsOffer(person.pk, cns(index + 1), CnsSource.CADSUS)])
        BeneficiaryFactory(person=person)
        BeneficiaryFactory(holder=person.links.first(), relationship="4")
    client = signed_in(operator, *Role)

    with django_assert_num_queries(PERSON_QUERIES):
        client.get(_address(operator, person))


PERSON_QUERIES = 24


# ---- the next step ----------------------------------------------------------------------------------------------
def _step(operator, person, *roles: Role):
    return signed_in(operator, *(roles or (Role.CADASTRO,))).get(_address(operator, person)).context["step"]


@pytest.mark.parametrize("reason", list(PendingReason))
def test_every_reason_shows_its_sentence(operator, person, reason):
    give_reason(person, reason)

    assert _step(operator, person).sentence == reason.label


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        (PendingReason.NEVER_ASKED, "Consultar agora"),
        (PendingReason.NOT_FOUND, "Conferir os dados"),
        (PendingReason.CHECK_CPF, "Conferir o CPF"),
        (PendingReason.OTHER_PERSON, "Conferir o CPF"),
        (PendingReason.UNSURE, "Completar o cadastro"),
        (PendingReason.PROVISIONAL_ONLY, "Consultar de novo"),
        (PendingReason.TAKEN, "Ver a outra pessoa"),
        (PendingReason.QUEUED, "Ver a fila"),
        (PendingReason.TOO_LITTLE, "Completar o cadastro"),
    ],
)
def test_step_is_the_one_thing_to_do_next(operator, person, reason, label):
    give_reason(person, reason)

    assert _step(operator, person).label == label


def test_step_leads_a_reviewer_to_the_open_case(operator, person):
    open_reviews([ReviewCase(person.pk, cns(1), CnsSource.CADSUS, "B", "Conferir.")])
    case = person.reviews.get()

    step = _step(operator, person, Role.REVISAO)

    assert (step.label, step.href, step.posts) == ("Decidir agora", _address(operator, case, "review"), False)


@pytest.mark.parametrize(
    ("reason", "who"),
    [
        (PendingReason.NEVER_ASKED, "Quem faz isto: o papel Cadastro, Revisão ou Administração."),
        (PendingReason.CHECK_CPF, "Quem faz isto: o papel Cadastro."),
        (PendingReason.REVIEW, "Quem faz isto: o papel Revisão."),
    ],
)
def test_step_names_who_may_do_it_where_the_reader_may_not(operator, person, reason, who):
    give_reason(person, reason)

    step = _step(operator, person, Role.CONSULTA)

    assert (step.href, step.label, step.who) == ("", "", who)


def test_step_leads_to_the_blank_fields_of_the_form(operator, person):
    Person.objects.filter(pk=person.pk).update(mother_name="", city_code="355030")
    give_reason(person, PendingReason.UNSURE)

    step = _step(operator, person)
    form = signed_in(operator, Role.CADASTRO).get(step.href)

    assert step.href == _address(operator, person, "person_edit") + "?campo=mother_name"
    assert form.context["marked_fields"] == ["mother_name"]
    assert "autofocus" in str(form.context["form"]["mother_name"])


def test_step_leads_from_a_taken_number_to_the_one_who_has_it(operator, person):
    give_reason(person, PendingReason.TAKEN)
    holder = Person.objects.get(cns_numbers__number=TAKEN)

    assert _step(operator, person, Role.CONSULTA).href == _address(operator, holder)


@pytest.mark.parametrize(
    ("source", "number", "title", "sentence"),
    [
        (CnsSource.IMPORT, cns(1), "CNS não verificado.", OTHER_NUMBER),
        (CnsSource.IMPORT, cns(2), "CNS não verificado.", SAME_NUMBER),
        (CnsSource.CADSUS, cns(1), "CNS verificado.", OTHER_NUMBER),
    ],
)
def test_step_leads_to_the_case_whatever_number_the_person_has(operator, person, source, number, title, sentence):
    attach_cns([CnsOffer(person.pk, number, source, verified=source is CnsSource.CADSUS)])
    open_reviews([ReviewCase(person.pk, cns(2), CnsSource.CNX, "B", "NAME_ABBREVIATED")])

    step = _step(operator, person, Role.REVISAO)

    assert (step.title, step.sentence, step.label) == (title, sentence, "Decidir agora")


@pytest.mark.parametrize(
    ("reason", "changes", "told"),
    [
        (PendingReason.NOT_FOUND, {}, BY_ITSELF),
        (PendingReason.NOT_FOUND, {"cpf": None}, ""),
        (PendingReason.CHECK_CPF, {}, ""),
        (PendingReason.REVIEW, {}, ""),
    ],
)
def test_step_tells_what_ans_does_by_itself_where_it_is_true(operator, person, reason, changes, told):
    Person.objects.filter(pk=person.pk).update(**changes)
    give_reason(person, reason)

    assert _step(operator, person).note == told


def test_step_does_not_promise_ans_for_whom_ans_does_not_know(operator):
    person = BeneficiaryFactory(cco=None).person

    assert _step(operator, person).note == ""


def test_step_asks_to_confirm_an_unverified_number(operator, person):
    attach_cns([CnsOffer(person.pk, cns(1), CnsSource.INFORMED, verified=False)])

    step = _step(operator, person)

    assert (step.tone, step.label, step.posts) == ("warn", "Confirmar no DATASUS", True)


def test_step_is_none_where_the_number_is_verified(operator, person):
    attach_cns([CnsOffer(person.pk, cns(1), CnsSource.CADSUS)])

    assert _step(operator, person) is None


# ---- unmasking --------------------------------------------------------------------------------------------------
def test_numbers_are_masked_until_asked_for(operator, person):
    attach_cns([CnsOffer(person.pk, cns(1), CnsSource.CADSUS)])

    page = signed_in(operator, *Role).get(_address(operator, person)).content.decode()

    assert [page.count(text) for text in (person.cpf, format_cpf(person.cpf), cns(1), format_cns(cns(1)))] == [0] * 4


def test_unmasking_shows_the_numbers_and_keeps_who_and_why(operator, person):
    attach_cns([CnsOffer(person.pk, cns(1), CnsSource.CADSUS)])
    client = signed_in(operator, Role.CADASTRO)

    page = client.post(_address(operator, person, "person_unmask"), {"reason": "atendimento"}).content.decode()

    event = AuditEvent.objects.get(kind="person.unmasked")
    assert (page.count(format_cpf(person.cpf)), page.count(format_cns(cns(1)))) == (1, 1)
    assert (event.actor, event.person_id, event.data) == (client.user, person.pk, {"reason": "atendimento"})


def test_unmasking_without_a_reason_shows_nothing_and_keeps_nothing(operator, person):
    response = signed_in(operator, Role.CADASTRO).post(_address(operator, person, "person_unmask"), {"reason": ""})

    assert response.status_code == 422
    assert "Escolha o motivo." in text_of(response)
    assert format_cpf(person.cpf) not in response.content.decode()
    assert AuditEvent.objects.filter(kind="person.unmasked").count() == 0


def test_unmasking_is_not_for_those_who_only_consult(operator, person):
    response = signed_in(operator, Role.CONSULTA).post(
        _address(operator, person, "person_unmask"), {"reason": "atendimento"}
    )

    assert response.status_code == 403


def test_unmasking_is_never_a_link(operator, person):
    assert signed_in(operator, Role.CADASTRO).get(_address(operator, person, "person_unmask")).status_code == 405


def test_unmasking_is_told_on_the_timeline(operator, person):
    client = signed_in(operator, Role.CADASTRO)
    client.post(_address(operator, person, "person_unmask"), {"reason": "emissao"})

    (moment,) = client.get(_address(operator, person)).context["moments"]

    assert (moment.label, moment.detail) == ("Dados completos vistos", "emissão do cartão")


def test_age_is_told_in_months_for_babies(operator):
    import time_machine

    from beneficiaries.templatetags.people import age

    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        ages = [age(date(2026, 10, 22)), age(date(2026, 10, 23)), age(date(2024, 11, 22)), age(date(1984, 2, 29))]

    assert ages == ["1 mês", "0 meses", "2 anos", "42 anos"]


@pytest.mark.parametrize(("question", "status"), [("QUEUED", 204), ("", 200)])
def test_the_page_asks_again_while_a_question_is_in_the_queue(operator, person, question, status):
    Person.objects.filter(pk=person.pk).update(cns_question=question)
    client = signed_in(operator, Role.CONSULTA)

    whole = client.get(_address(operator, person))
    asked = client.get(_address(operator, person), headers={"HX-Request": "true"})

    polls = 'hx-trigger="every 3s" hx-select="#proximo-passo"' in whole.content.decode()
    assert (asked.status_code, polls) == (status, question == "QUEUED")


def test_the_page_with_full_numbers_asks_the_page_of_the_person(operator, person):
    Person.objects.filter(pk=person.pk).update(cns_question="QUEUED")
    client = signed_in(operator, Role.CADASTRO)

    shown = client.post(_address(operator, person, "person_unmask"), {"reason": "emissao"}).content.decode()

    assert f'hx-get="{_address(operator, person)}" hx-trigger="every 3s"' in shown
