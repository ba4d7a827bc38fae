"""The forms of people and links, as pages."""

from contextlib import contextmanager
from datetime import date

import pytest
from django.urls import reverse

from beneficiaries.models import Beneficiary, CnsSource, Contract, PendingReason, Person, WaitingPeriod
from beneficiaries.services import CnsOffer, attach_cns, edit
from beneficiaries.views.editing import RegistryView
from operators.context import operator_context
from operators.models import AuditEvent
from operators.permissions import Role
from tests.beneficiaries.reasons import give_reason
from tests.contexts import outside_operator_context
from tests.factories import BeneficiaryFactory, OperatorFactory, PersonFactory, PlanFactory, cns
from tests.pages import filled_in, signed_in, text_of

MENDED = "Os dados que identificam a pessoa mudaram depois que o número foi conferido."


def address(operator, name, pk):
    return reverse(f"beneficiaries:{name}", args=[operator.registration, pk])


@pytest.fixture
def link(operator):
    return BeneficiaryFactory()


@pytest.fixture
def clerk(operator):
    return signed_in(operator, Role.CADASTRO)


@pytest.mark.parametrize("name", ["person_edit", "link_edit"])
def test_only_those_who_edit_people_open_a_form(operator, link, name):
    page = address(operator, name, link.person_id if name == "person_edit" else link.pk)
    others = [role for role in Role if role is not Role.CADASTRO]

    assert signed_in(operator, *others).get(page).status_code == 403
    assert signed_in(operator, Role.CADASTRO).get(page).status_code == 200


@pytest.mark.parametrize("name", ["person_edit", "link_edit", "plan_edit", "contract_edit"])
def test_rows_of_another_operator_are_not_found(operator, clerk, name):
    with operator_context_of_another() as theirs:
        found = BeneficiaryFactory(contract=Contract.objects.create(operator=theirs, number="1", kind="1"))
    pk = {
        "person_edit": found.person_id,
        "link_edit": found.pk,
        "plan_edit": found.plan_id,
        "contract_edit": found.contract_id,
    }[name]

    assert clerk.get(address(operator, name, pk)).status_code == 404
    assert clerk.post(address(operator, name, pk)).status_code == 404


@contextmanager
def operator_context_of_another():
    other = OperatorFactory()
    with outside_operator_context(), operator_context(other.pk):
        yield other


def test_person_is_mended_and_the_page_says_what_comes_next(operator, link, clerk):
    page = address(operator, "person_edit", link.person_id)

    response = clerk.post(page, filled_in(clerk, page, name="Ana de Souza", cpf="111.444.777-35"), follow=True)

    person = Person.objects.get()
    assert (person.name, person.cpf) == ("Ana de Souza", "11144477735")
    assert "Gravado. Os dados que identificam a pessoa mudaram: consulte o DATASUS de novo." in text_of(response)


def test_a_form_sent_as_it_came_changes_nothing(operator, link, clerk):
    WaitingPeriod.objects.create(
        operator=operator, beneficiary=link, group="P", amount=300, unit="D", ends_on=date(2022, 5, 28)
    )
    for name, pk in (("person_edit", link.person_id), ("link_edit", link.pk), ("plan_edit", link.plan_id)):
        page = address(operator, name, pk)
        assert "Nada mudou: já estava assim." in text_of(clerk.post(page, filled_in(clerk, page), follow=True))

    assert AuditEvent.objects.filter(kind__endswith=".changed").count() == 0


def test_opening_the_form_of_a_person_is_on_the_audit_trail(operator, link, clerk):
    clerk.get(address(operator, "person_edit", link.person_id))

    event = AuditEvent.objects.get()
    assert (event.kind, event.person_id, event.data) == (
        "person.unmasked",
        link.person_id,
        {"reason": "alteracao"},
    )


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"name": ""}, "name", "Preencha “Nome”."),
        ({"name": "NULL"}, "name", "Preencha “Nome”."),
        ({"name": "R2 D2"}, "name", "Um nome não tem números."),
        ({"cpf": "111.444.777-34"}, "cpf", "Não passa nos dígitos de conferência."),
        ({"birth_date": "31/02/2000"}, "birth_date", "Não é uma data; use aaaa-mm-dd ou dd/mm/aaaa."),
        ({"birth_date": "01/01/2999"}, "birth_date", "Deve estar entre 01/01/1890 e hoje."),
        ({"postal_code": "1234567890"}, "postal_code", "Deve ter 8 algarismos."),
        ({"email": "ana"}, "email", "Não parece um endereço de e-mail."),
        ({"sex": "2"}, "sex", "Escolha “Sexo” na lista."),
    ],
)
def test_what_is_wrong_with_a_person_stands_beside_its_field(operator, link, clerk, changes, field, error):
    page = address(operator, "person_edit", link.person_id)
    before = Person.objects.values().get()

    response = clerk.post(page, filled_in(clerk, page, **changes))

    form = response.context["form"]
    assert (response.status_code, form.errors.as_data().keys(), form.errors[field]) == (422, {field}, [error])
    assert Person.objects.values().get() == before
    assert f'id="id_{field}_error"' in response.content.decode()


def test_what_systems_write_for_nothing_is_a_blank_in_a_form(operator, link, clerk):
    page = address(operator, "person_edit", link.person_id)

    clerk.post(page, filled_in(clerk, page, mother_name="Não informada", social_name="NULL", postal_code="00000-000"))

    assert Person.objects.values_list("mother_name", "social_name", "postal_code").get() == ("", "", "")


def test_a_cpf_of_another_person_is_said_beside_the_field_and_leads_to_both(operator, link, clerk):
    other = PersonFactory(name="Rosa Exemplo")
    page = address(operator, "person_edit", link.person_id)

    response = clerk.post(page, filled_in(clerk, page, cpf=other.cpf) | {"duas": other.pk})

    assert response.status_code == 422
    assert response.context["form"].errors == {
        "cpf": ["Este CPF já é de outra pessoa do cadastro: Rosa Exemplo. Se é a mesma, junte os dois cadastros."]
    }
    assert reverse("beneficiaries:person_merge", args=[operator.registration, other.pk, link.person_id]) in (
        response.content.decode()
    )


def test_who_becomes_like_somebody_else_is_asked_about_before_it_is_written(operator, link, clerk):
    other = PersonFactory(name="Rosa Exemplo", cpf=None, birth_date=link.person.birth_date)
    page = address(operator, "person_edit", link.person_id)
    form = filled_in(clerk, page, name="Rosa Exemplo", cpf="")

    asked = clerk.post(page, form)
    before = Person.objects.get(pk=link.person_id).name
    confirmed = clerk.post(page, form | {"duas": other.pk}, follow=True)

    assert (asked.status_code, before) == (422, link.person.name)
    assert "pode ser a mesma pessoa que já está no cadastro" in text_of(asked)
    assert "Gravado." in text_of(confirmed)
    assert Person.objects.get(pk=link.person_id).name == "Rosa Exemplo"


def test_who_is_like_somebody_already_is_not_asked_about_for_another_change(operator, link, clerk):
    person = link.person
    PersonFactory(name=person.name, birth_date=person.birth_date, mother_name=person.mother_name, cpf=None)
    page = address(operator, "person_edit", person.pk)

    response = clerk.post(page, filled_in(clerk, page, pis_pasep="12012345678"))

    assert response.status_code == 302


def test_who_comes_second_sees_both_versions_and_may_write_again(operator, link, clerk):
    page = address(operator, "person_edit", link.person_id)
    mine = filled_in(clerk, page, phone="11 1111-1111")
    other = signed_in(operator, Role.CADASTRO)
    other.post(page, filled_in(other, page, phone="11 2222-2222"))

    response = clerk.post(page, mine)

    assert response.status_code == 409
    assert response.context["theirs"] == [("Telefone", "11 2222-2222", "11 1111-1111")]
    assert f"A última mudança registrada é de {other.user.get_full_name()}, em " in text_of(response)
    assert Person.objects.get().phone == "11 2222-2222"
    again = {name: response.context["form"][name].value() or "" for name in mine}
    assert clerk.post(page, again).status_code == 302
    assert Person.objects.get().phone == "11 1111-1111"


@pytest.mark.parametrize("latest", [edit.MAX_EVENTS_SEARCHED, 0])
def test_who_wrote_a_plan_is_named_where_that_is_recent(operator, link, clerk, monkeypatch, latest):
    monkeypatch.setattr(edit, "MAX_EVENTS_SEARCHED", latest)
    page = address(operator, "plan_edit", link.plan_id)
    mine = filled_in(clerk, page, name="Plano Meu")
    other = signed_in(operator, Role.CADASTRO)
    other.post(page, filled_in(other, page, name="Plano Outro"))

    response = clerk.post(page, mine)

    named = f"A última mudança registrada é de {other.user.get_full_name()}, em " in text_of(response)
    assert (response.status_code, named) == (409, bool(latest))


def test_a_form_that_lacks_a_step_cannot_be_made():
    class Half(RegistryView):
        form = RegistryView.show

    with pytest.raises(TypeError, match=r"abstract methods '?leave'?, '?write'?"):
        Half()


def test_person_with_a_checked_number_is_warned_about_before_and_after(operator, link, clerk):
    attach_cns([CnsOffer(link.person_id, cns(1), CnsSource.CADSUS, kind="D")])
    page, person = (address(operator, name, link.person_id) for name in ("person_edit", "person"))

    before, form = text_of(clerk.get(person)), text_of(clerk.get(page))
    clerk.post(page, filled_in(clerk, page, birth_date="01/03/1984"))
    after = clerk.get(person)

    assert "Esta pessoa tem um CNS conferido, que continua com ela." in form
    assert (MENDED in before, MENDED in text_of(after)) == (False, True)
    assert after.context["step"].label == "Confirmar no DATASUS"


def test_a_number_that_comes_after_the_change_ends_the_doubt(operator, link, clerk):
    attach_cns([CnsOffer(link.person_id, cns(1), CnsSource.CADSUS, kind="D")])
    page = address(operator, "person_edit", link.person_id)
    clerk.post(page, filled_in(clerk, page, birth_date="01/03/1984"))

    attach_cns([CnsOffer(link.person_id, cns(2), CnsSource.CADSUS, kind="D")])

    assert MENDED not in text_of(clerk.get(address(operator, "person", link.person_id)))


def test_a_mended_cpf_ends_the_task_to_check_it(operator, link, clerk):
    give_reason(link.person, PendingReason.CHECK_CPF)
    page = address(operator, "person_edit", link.person_id)

    response = clerk.post(page, filled_in(clerk, page, cpf="111.444.777-35"), follow=True)

    assert (response.context["step"].sentence, response.context["step"].label) == (
        "Ainda não consultamos o DATASUS com estes dados.",
        "Consultar agora",
    )


def test_link_is_mended_with_cover_cpt_waiting_periods_and_contract(operator, link, clerk):
    contract = Contract.objects.create(operator=operator, number="C-17", kind="1")
    page = address(operator, "link_edit", link.pk)

    clerk.post(
        page,
        filled_in(
            clerk,
            page,
            contract="C-17",
            cover_from="01/08/2021",
            cpt_until="01/08/2023",
            waiting_P="10 meses",
            waiting_P_until="01/06/2022",
            waiting_A="24h",
        ),
    )

    link.refresh_from_db()
    assert (link.contract, link.cover_from, link.cpt_until) == (contract, date(2021, 8, 1), date(2023, 8, 1))
    assert list(WaitingPeriod.objects.order_by("group").values_list("group", "amount", "unit", "ends_on")) == [
        ("A", 24, "H", None),
        ("P", 10, "M", date(2022, 6, 1)),
    ]


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"contract": "X"}, "contract", "Não há contrato com este número. Cadastre-o primeiro em Contratos."),
        (
            {"cpt_until": "02/07/2023"},
            "cpt_until",
            "Passa de 24 meses do início da cobertura, o máximo da RN 558/2022.",
        ),
        ({"cancelled_on": "01/01/2020"}, "cancelled_on", "É anterior à contratação."),
        (
            {"waiting_P": "300"},
            "waiting_P",
            "Use um prazo como 24 horas, 180 dias ou 10 meses; ou “não há”.",
        ),
        ({"waiting_P_until": "01/01/2022"}, "waiting_P", "Informe também, para “Último dia”."),
        (
            {"waiting_H": "180 dias", "waiting_H_until": "01/01/2020"},
            "waiting_H_until",
            "É anterior ao início da cobertura.",
        ),
    ],
)
def test_what_is_wrong_with_a_link_stands_beside_its_field(operator, link, clerk, changes, field, error):
    page = address(operator, "link_edit", link.pk)
    before = Beneficiary.objects.values().get()

    response = clerk.post(page, filled_in(clerk, page, **changes))

    assert (response.status_code, response.context["form"].errors) == (422, {field: [error]})
    assert (Beneficiary.objects.values().get(), WaitingPeriod.objects.count()) == (before, 0)


def test_a_reason_that_the_sib_has_no_more_stays_until_another_is_chosen(operator, link, clerk):
    Beneficiary.objects.update(cancelled_on=link.contracted_on, cancellation_reason="45")
    page = address(operator, "link_edit", link.pk)
    reasons = []

    for changes in ({"code": "18"}, {"cancellation_reason": "44"}, {"cancellation_reason": "45"}):
        response = clerk.post(page, filled_in(clerk, page, **changes))
        reasons.append(Beneficiary.objects.get().cancellation_reason)

    assert reasons == ["45", "44", "44"]
    assert response.context["form"].errors == {
        "cancellation_reason": ["Escolha “Motivo do cancelamento” na lista."],
    }


def test_a_code_that_is_too_long_for_the_card_is_mended_and_stays_unique(operator, link, clerk):
    other = BeneficiaryFactory(code="17")
    page = address(operator, "link_edit", link.pk)

    taken = clerk.post(page, filled_in(clerk, page, code=other.code))
    clerk.post(page, filled_in(clerk, page, code="18"))

    link.refresh_from_db()
    assert taken.context["form"].errors == {"code": ["Este código já é de outro vínculo."]}
    assert link.code == "18"


def test_link_keeps_its_contract_without_number_where_nobody_writes_another(operator, clerk):
    contract = Contract.objects.create(operator=operator, kind="2")
    link = BeneficiaryFactory(contract=contract)
    page = address(operator, "link_edit", link.pk)

    clerk.post(page, filled_in(clerk, page, cover_from="01/08/2021"))

    link.refresh_from_db()
    assert (link.contract, link.cover_from) == (contract, date(2021, 8, 1))


def test_a_cpt_is_shown_nowhere_but_in_the_form_of_its_link(operator, clerk):
    link = BeneficiaryFactory(cpt_until=date(2023, 4, 17))

    assert "17/04/2023" not in clerk.get(address(operator, "person", link.person_id)).content.decode()
    assert "17/04/2023" in clerk.get(address(operator, "link_edit", link.pk)).content.decode()


@pytest.mark.parametrize(("name", "queries"), [("person_edit", 9), ("link_edit", 9)])
def test_forms_ask_the_database_as_often_for_few_as_for_many(operator, clerk, django_assert_num_queries, name, queries):
    PlanFactory.create_batch(5)
    link = BeneficiaryFactory(contract=Contract.objects.create(operator=operator, number="1", kind="1"))
    for group in "AHPO":
        WaitingPeriod.objects.create(operator=operator, beneficiary=link, group=group, amount=1, unit="D")
    page = address(operator, name, link.person_id if name == "person_edit" else link.pk)

    with django_assert_num_queries(queries):
        clerk.get(page)
