"""Writing on the accreditation board: what is taken, what is refused and why, and what happens to two at once."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cadsus.domain.accreditation_steps import Step
from cadsus.models import AccreditationStep, SgopMachine, SgopPerson
from cadsus.services.accreditation import add_to_sgop, change_in_sgop, change_step
from operators.models import AuditEvent, Operator
from operators.permissions import Role
from tests.factories import BeneficiaryFactory, UserFactory
from tests.pages import signed_in, text_of

DAY = date(2026, 11, 10)
WAITING = {"step_state": "WAITING", "step_since": DAY}
UNTOUCHED = {"cns_state": "TODO", "govbr_state": "TODO", "profile_state": "TODO", "access_state": "TODO"}


@pytest.fixture
def client(operator):
    return signed_in(operator, Role.ADMINISTRACAO)


def _address(operator, name, *keys: object):
    return reverse(f"cadsus:{name}", args=[operator.registration, *keys])


def _step(operator, step):
    return _address(operator, "accreditation_step", step.value)


def _person():
    person = SgopPerson()
    add_to_sgop(person, {"name": "Davi Teles", "role": "OPERADOR"}, actor=UserFactory())
    return person


def _errors(response):
    return {name: [str(error) for error in errors] for name, errors in response.context["form"].errors.items()}


# ---- a step -------------------------------------------------------------------------------------------------------
def test_step_is_written_and_told(operator, client):
    sent = {"version": "0", "step_state": "WAITING", "step_since": "10/11/2026", "protocol": "2026/12"}

    response = client.post(_step(operator, Step.REQUEST), sent, follow=True)

    row = AccreditationStep.objects.get()
    assert (row.step, row.step_state, row.step_since, row.protocol) == ("pedido", "WAITING", DAY, "2026/12")
    assert row.changed_by == client.user
    assert "Gravado: Serviço “CNS Operadoras ANS”." in text_of(response)


def test_state_without_a_day_is_of_today(operator, client):
    client.post(_step(operator, Step.GOVBR), {"version": "0", "step_state": "DONE"})

    assert AccreditationStep.objects.get().step_since == timezone.localdate()


def test_state_that_changes_takes_the_day_along(operator, client):
    change_step(Step.GOVBR, WAITING, version=0, actor=UserFactory())

    client.post(_step(operator, Step.GOVBR), {"version": "1", "step_state": "DONE", "step_since": "10/11/2026"})

    assert AccreditationStep.objects.get().step_since == timezone.localdate()


def test_day_alone_may_be_put_right(operator, client):
    change_step(Step.GOVBR, WAITING, version=0, actor=UserFactory())

    client.post(_step(operator, Step.GOVBR), {"version": "1", "step_state": "WAITING", "step_since": "03/11/2026"})

    assert AccreditationStep.objects.get().step_since == date(2026, 11, 3)


def test_state_to_do_has_no_day(operator, client):
    change_step(Step.GOVBR, WAITING, version=0, actor=UserFactory())

    client.post(_step(operator, Step.GOVBR), {"version": "1", "step_state": "TODO", "step_since": "10/11/2026"})

    assert AccreditationStep.objects.values_list("step_state", "step_since").get() == ("TODO", None)


@pytest.mark.parametrize(
    ("step", "sent", "errors"),
    [
        (
            Step.GOVBR,
            {"step_state": "DONE", "step_since": "31/02/2026"},
            {"step_since": "Informe a data como dd/mm/aaaa."},
        ),
        (
            Step.GOVBR,
            {"step_state": "DONE", "step_since": "01/01/2090"},
            {"step_since": "A data está no futuro: informe o dia em que aconteceu."},
        ),
        (Step.GOVBR, {"step_state": "DONE", "step_since": "10/11/0026"}, {"step_since": "Confira o ano da data."}),
        (Step.GOVBR, {}, {"step_state": "Preencha “Situação”."}),
        (
            Step.CERTIFICATE,
            {"step_state": "DONE"},
            {"step_state": "Este passo fica pronto sozinho: escolha outra situação."},
        ),
        (Step.CNES, {"cnes": "12345"}, {"cnes": "O CNES tem 7 algarismos: confira o número."}),
    ],
)
def test_bad_input_gets_one_sentence_next_to_its_field_and_changes_nothing(operator, client, step, sent, errors):
    response = client.post(_step(operator, step), {"version": "0", **sent})

    assert (response.status_code, _errors(response)) == (422, {name: [text] for name, text in errors.items()})
    assert (AccreditationStep.objects.count(), AuditEvent.objects.count()) == (0, 0)


def test_number_of_the_operator_makes_the_first_step_done(operator, client):
    Operator.objects.filter(pk=operator.pk).update(cnes="")

    response = client.post(
        _step(operator, Step.CNES), {"version": "0", "step_state": "DOING", "cnes": "7654321"}, follow=True
    )

    assert Operator.objects.get(pk=operator.pk).cnes == "7654321"
    assert response.context["board"].path.stages[0].is_done


def test_step_that_the_portal_sees_done_asks_for_no_state(operator, client):
    form = client.get(_step(operator, Step.CNES)).context["form"]

    assert list(form.fields) == ["cnes", "due_on", "responsible", "protocol", "note", "version"]


def test_step_written_by_somebody_else_meanwhile_is_shown_beside_what_was_sent(operator, client):
    other = UserFactory(first_name="Bia", last_name="Reis")
    sent = {"version": "0", "step_state": "WAITING", "step_since": "10/11/2026", "protocol": "2026/12"}
    change_step(
        Step.REQUEST, {"step_state": "REFUSED", "step_since": DAY, "note": "Falta o IP."}, version=0, actor=other
    )

    response = client.post(_step(operator, Step.REQUEST), sent)

    row = AccreditationStep.objects.get()
    assert (response.status_code, row.step_state, row.protocol) == (409, "REFUSED", "")
    assert response.context["theirs"] == [
        ("Situação", "recusado", "aguardando resposta"),
        ("Situação: desde quando", "10/11/2026", f"{timezone.localdate():%d/%m/%Y}"),
        ("Número do protocolo", "em branco", "2026/12"),
        ("Observação", "Falta o IP.", "em branco"),
    ]  # fmt: skip
    assert "Bia Reis gravou isto às" in text_of(response)
    assert response.context["form"]["protocol"].value() == "2026/12"


def test_what_was_sent_may_be_written_after_all(operator, client):
    change_step(Step.REQUEST, {"note": "Falta o IP."}, version=0, actor=UserFactory())
    sent = {"version": "0", "step_state": "WAITING", "step_since": "10/11/2026", "protocol": "2026/12"}
    refused = client.post(_step(operator, Step.REQUEST), sent)
    version = refused.context["form"]["version"].value()

    client.post(_step(operator, Step.REQUEST), {**sent, "version": version, "note": "Falta o IP."})

    row = AccreditationStep.objects.get()
    assert (row.protocol, row.note, row.version) == ("2026/12", "Falta o IP.", 2)


def test_same_thing_sent_twice_is_no_conflict(operator, client):
    sent = {"version": "0", "step_state": "DONE", "step_since": "10/11/2026"}
    client.post(_step(operator, Step.GOVBR), sent)

    again = client.post(_step(operator, Step.GOVBR), sent, follow=True)

    assert (AccreditationStep.objects.get().version, AuditEvent.objects.count()) == (1, 1)
    assert "Nada mudou: já estava assim." in text_of(again)


def test_request_says_how_much_there_will_be_to_ask(operator, client):
    BeneficiaryFactory.create_batch(2)

    page = text_of(client.get(_step(operator, Step.REQUEST)))

    assert "O cadastro tem 2 pessoas com vínculo ativo; 2 ainda sem CNS." in page


@pytest.mark.parametrize("step", [Step.CERTIFICATE, Step.REQUEST])
def test_step_with_a_certificate_leads_to_the_certificates(operator, client, step):
    page = client.get(_step(operator, step)).content.decode()

    assert f'href="{_address(operator, "credentials")}">Abrir Certificados</a>' in page


def test_step_that_does_not_exist_is_not_found(operator, client):
    assert client.get(_step(operator, Step.CNES).replace("cnes", "cartorio")).status_code == 404


# ---- people and machines ------------------------------------------------------------------------------------------
def test_person_is_included_with_the_role_of_the_step(operator, client):
    address = _address(operator, "sgop_person_add")

    offered = client.get(address, {"perfil": "ADMINISTRADOR"}).context["form"]["role"].value()
    client.post(
        address,
        {"version": "0", "name": "Carla Nogueira", "role": offered, "cns_state": "DONE", "cns_since": "10/11/2026",
         "govbr_state": "TODO", "profile_state": "TODO", "access_state": "TODO", "elsewhere_state": "TODO",
         "position": "GERENTE"},
    )  # fmt: skip

    person = SgopPerson.objects.get()
    assert (person.name, person.role, person.position, person.cns_state, person.cns_since) == (
        "Carla Nogueira", "ADMINISTRADOR", "GERENTE", "DONE", DAY,
    )  # fmt: skip


def test_operator_of_sgop_is_not_asked_what_only_an_administrator_must_be(operator, client):
    forms = [
        client.get(_address(operator, "sgop_person_add"), {"perfil": role}).context["form"]
        for role in ("ADMINISTRADOR", "OPERADOR")
    ]

    assert set(forms[0].fields) - set(forms[1].fields) == {"position", "elsewhere_state", "elsewhere_since"}
    assert [form.fields["access_state"].help_text for form in forms] == [
        "Quem autoriza é o suporte do CadSUS Web.",
        "Quem autoriza é o administrador da operadora.",
    ]


def test_person_without_a_name_is_not_included(operator, client):
    sent = {"version": "0", "role": "OPERADOR", **UNTOUCHED}

    response = client.post(_address(operator, "sgop_person_add"), sent)

    assert (response.status_code, _errors(response)) == (422, {"name": ["Preencha “Nome”."]})
    assert SgopPerson.objects.count() == 0


def test_person_changed_by_somebody_else_meanwhile_is_not_overwritten(operator, client):
    person = _person()
    change_in_sgop(SgopPerson, person.pk, {"govbr_state": "DONE", "govbr_since": DAY}, version=1, actor=UserFactory())
    done = {"cns_state": "DONE", "cns_since": "10/11/2026"}
    sent = {"version": "1", "name": "Davi Teles", "role": "OPERADOR", **UNTOUCHED, **done}

    response = client.post(_address(operator, "sgop_person", person.pk), sent)

    assert response.status_code == 409
    assert [label for label, *_ in response.context["theirs"]] == [
        "CNS próprio, com alta qualidade do cadastro",
        "CNS próprio, com alta qualidade do cadastro: desde quando",
        "Conta gov.br",
        "Conta gov.br: desde quando",
    ]
    assert SgopPerson.objects.values_list("cns_state", "govbr_state").get() == ("TODO", "DONE")


def test_machine_is_included_changed_and_removed(operator, client):
    person = _person()
    client.post(
        _address(operator, "sgop_machine_add", person.pk),
        {"version": "0", "name": "CAD-07", "approval_state": "TODO"},
    )
    machine = SgopMachine.objects.get()
    client.post(
        _address(operator, "sgop_machine", machine.pk),
        {"version": "1", "name": "CAD-07", "warsaw_on": "10/11/2026", "approval_state": "DONE", "approval_since": ""},
    )
    changed = SgopMachine.objects.get()

    client.post(_address(operator, "sgop_machine_remove", machine.pk), {"version": changed.version})

    assert (machine.person, machine.warsaw_on) == (person, None)
    assert (changed.warsaw_on, changed.approval_state, changed.approval_since) == (DAY, "DONE", timezone.localdate())
    assert SgopMachine.objects.count() == 0


def test_warsaw_of_tomorrow_is_refused(operator, client):
    tomorrow = timezone.localdate() + timedelta(days=1)
    sent = {"version": "0", "name": "CAD-07", "warsaw_on": f"{tomorrow:%d/%m/%Y}", "approval_state": "TODO"}

    response = client.post(_address(operator, "sgop_machine_add", _person().pk), sent)

    assert _errors(response) == {"warsaw_on": ["A data está no futuro: informe o dia em que aconteceu."]}


@pytest.mark.parametrize("version", ["1", "", "x"])
def test_person_that_changed_is_not_removed_unseen(operator, client, version):
    person = _person()
    change_in_sgop(SgopPerson, person.pk, {"role": "ADMINISTRADOR"}, version=1, actor=UserFactory())

    response = client.post(_address(operator, "sgop_person_remove", person.pk), {"version": version}, follow=True)

    assert "Nada foi removido: isto mudou enquanto você olhava." in text_of(response)
    assert SgopPerson.objects.count() == 1


def test_person_removed_meanwhile_is_not_found(operator, client):
    person = _person()
    address = _address(operator, "sgop_person", person.pk)
    client.post(_address(operator, "sgop_person_remove", person.pk), {"version": "1"})

    again = client.post(_address(operator, "sgop_person_remove", person.pk), {"version": "1"})

    assert [client.get(address).status_code, again.status_code] == [404, 404]


def test_removing_is_never_a_link(operator, client):
    assert client.get(_address(operator, "sgop_person_remove", _person().pk)).status_code == 405
