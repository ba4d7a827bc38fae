"""Links cancelled and reactivated by hand."""

from datetime import date

import pytest
from django.urls import reverse

from beneficiaries.models import Beneficiary
from operators.models import AuditEvent
from operators.permissions import Role
from tests.factories import BeneficiaryFactory, PersonFactory
from tests.pages import filled_in, signed_in, text_of


def address(operator, name, pk):
    return reverse(f"beneficiaries:{name}", args=[operator.registration, pk])


@pytest.fixture
def clerk(operator):
    return signed_in(operator, Role.CADASTRO)


@pytest.fixture
def holder(operator):
    return BeneficiaryFactory()


@pytest.fixture
def child(holder):
    return BeneficiaryFactory(person=PersonFactory(name="Rosa Exemplo"), holder=holder, relationship="4")


def ended(link):
    link.refresh_from_db()
    return link.cancelled_on, link.cancellation_reason


def cancel(clerk, page, **changes):
    sent = {"cancelled_on": "31/05/2022", "cancellation_reason": "41"} | changes
    return clerk.post(page, filled_in(clerk, page, **sent), follow=True)


@pytest.mark.parametrize("name", ["link_cancel", "link_reactivate"])
def test_only_those_who_edit_people_end_a_link(operator, holder, name):
    others = [role for role in Role if role is not Role.CADASTRO]

    assert signed_in(operator, *others).get(address(operator, name, holder.pk)).status_code == 403
    assert signed_in(operator, Role.CADASTRO).get(address(operator, name, holder.pk)).status_code == 200


def test_link_is_cancelled_with_day_and_reason(operator, clerk, holder):
    response = cancel(clerk, address(operator, "link_cancel", holder.pk))

    assert "Vínculo cancelado." in text_of(response)
    assert ended(holder) == (date(2022, 5, 31), "41")
    event = AuditEvent.objects.get(kind="link.changed")
    assert (event.subject_id, event.actor, event.personal["after"]) == (
        holder.pk,
        clerk.user,
        {"cancelled_on": "2022-05-31", "cancellation_reason": "41"},
    )


def test_of_a_holder_the_dependants_are_named_and_asked_about(operator, clerk, holder, child):
    gone = BeneficiaryFactory(holder=holder, relationship="4", cancelled_on=date(2022, 1, 1), cancellation_reason="41")
    page = address(operator, "link_cancel", holder.pk)

    asked = cancel(clerk, page)

    assert asked.context["form"].errors == {"with_dependants": ["Diga se os dependentes saem também."]}
    assert "Rosa Exemplo, filho(a)" in text_of(asked)
    assert gone.person.name not in text_of(asked)
    assert ended(holder) == (None, "")


@pytest.mark.parametrize(("leave", "ends"), [(True, (date(2022, 5, 31), "41")), (False, (None, ""))])
def test_dependants_leave_or_stay_as_was_said(operator, clerk, holder, child, leave, ends):
    response = cancel(
        clerk, address(operator, "link_cancel", holder.pk), with_dependants=str(child.pk) if leave else "so"
    )

    told = "Vínculo cancelado, e 1 de dependentes." if leave else "Vínculo cancelado."
    assert told in text_of(response)
    assert (ended(holder), ended(child)) == ((date(2022, 5, 31), "41"), ends)
    assert AuditEvent.objects.filter(kind="link.changed").count() == 1 + leave


def test_a_dependant_who_came_meanwhile_is_asked_about(operator, clerk, holder, child):
    page = address(operator, "link_cancel", holder.pk)
    form = filled_in(clerk, page, cancelled_on="31/05/2022", cancellation_reason="41", with_dependants=str(child.pk))
    BeneficiaryFactory(holder=holder, relationship="4")

    response = clerk.post(page, form)

    assert response.context["form"].errors == {
        "with_dependants": [
            "Os dependentes em vigor mudaram enquanto a página estava aberta. Confira e escolha de novo."
        ]
    }
    assert ended(holder) == (None, "")


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"cancelled_on": ""}, {"cancelled_on": ["Preencha “Data do cancelamento”."]}),
        ({"cancellation_reason": ""}, {"cancellation_reason": ["Preencha “Motivo do cancelamento”."]}),
        ({"cancellation_reason": "45"}, {"cancellation_reason": ["Escolha “Motivo do cancelamento” na lista."]}),
        ({"cancelled_on": "30/06/2021"}, {"cancelled_on": ["É anterior à contratação."]}),
        ({"cancelled_on": "31/12/2021"}, {"cancelled_on": ["É anterior à reativação, de 01/01/2022."]}),
    ],
)
def test_what_is_wrong_with_a_cancellation_stands_beside_its_field(operator, clerk, changes, errors):
    link = BeneficiaryFactory(reactivated_on=date(2022, 1, 1))

    if changes.get("cancelled_on") == "30/06/2021":
        Beneficiary.objects.update(reactivated_on=None)
    response = cancel(clerk, address(operator, "link_cancel", link.pk), **changes)

    assert (response.status_code, response.context["form"].errors) == (422, errors)
    assert ended(link) == (None, "")


def test_a_dependant_does_not_leave_before_coming(operator, clerk, holder, child):
    Beneficiary.objects.filter(pk=child.pk).update(contracted_on=date(2022, 6, 1))

    response = cancel(clerk, address(operator, "link_cancel", holder.pk), with_dependants=str(child.pk))

    assert response.context["form"].errors == {
        "with_dependants": ["A cobertura começa depois desta data para: Rosa Exemplo."]
    }


def test_who_cancels_what_somebody_else_cancelled_sees_it(operator, clerk, holder):
    page = address(operator, "link_cancel", holder.pk)
    form = filled_in(clerk, page, cancelled_on="31/05/2022", cancellation_reason="41")
    cancel(clerk, page, cancellation_reason="44")

    response = clerk.post(page, form)

    assert (response.status_code, ended(holder)) == (409, (date(2022, 5, 31), "44"))


@pytest.fixture
def cancelled(operator):
    return BeneficiaryFactory(cancelled_on=date(2022, 5, 31), cancellation_reason="43", reactivated_on=date(2022, 1, 1))


def test_link_is_reactivated(operator, clerk, cancelled):
    page = address(operator, "link_reactivate", cancelled.pk)

    response = clerk.post(page, filled_in(clerk, page, reactivated_on="01/06/2022"), follow=True)

    assert "Vínculo reativado." in text_of(response)
    assert (ended(cancelled), cancelled.reactivated_on) == ((None, ""), date(2022, 6, 1))
    assert AuditEvent.objects.get(kind="link.changed").data["fields"] == [
        "cancellation_reason",
        "cancelled_on",
        "reactivated_on",
    ]


def test_page_of_the_person_tells_what_became_of_the_link(operator, clerk, holder):
    cancel(clerk, address(operator, "link_cancel", holder.pk))
    page = address(operator, "link_reactivate", holder.pk)
    clerk.post(page, filled_in(clerk, page, reactivated_on="01/06/2022"))

    moments = clerk.get(address(operator, "person", holder.person_id)).context["moments"]

    assert [(moment.label, [(each.before, each.after) for each in moment.changes[1:]]) for moment in moments] == [
        ("Vínculo alterado", [("31/05/2022", "em branco"), ("em branco", "01/06/2022")]),
        ("Vínculo alterado", [("em branco", "31/05/2022")]),
    ]


@pytest.mark.parametrize(
    ("day", "error"),
    [
        ("30/05/2022", "É anterior ao cancelamento, de 31/05/2022."),
        (
            "31/12/2999",
            "É uma data futura; informe-a quando o vínculo voltar.",
        ),
        ("", "Preencha “Data da reativação”."),
    ],
)
def test_what_is_wrong_with_a_reactivation_stands_beside_its_field(operator, clerk, cancelled, day, error):
    page = address(operator, "link_reactivate", cancelled.pk)

    response = clerk.post(page, filled_in(clerk, page, reactivated_on=day))

    assert (response.status_code, response.context["form"].errors) == (422, {"reactivated_on": [error]})
    assert ended(cancelled) == (date(2022, 5, 31), "43")


def test_a_link_in_force_is_not_reactivated(operator, clerk, holder):
    page = address(operator, "link_reactivate", holder.pk)

    response = clerk.post(page, filled_in(clerk, page))

    assert (response.status_code, "Este vínculo está em vigor." in text_of(response)) == (422, True)


def test_page_of_the_person_offers_what_the_link_allows(operator, clerk, holder, cancelled):
    offered = {
        link: [
            name in clerk.get(address(operator, "person", link.person_id)).content.decode()
            for name in (address(operator, "link_cancel", link.pk), address(operator, "link_reactivate", link.pk))
        ]
        for link in (holder, cancelled)
    }

    assert offered == {holder: [True, False], cancelled: [False, True]}
