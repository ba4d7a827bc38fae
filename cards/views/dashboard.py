"""What cards contribute to pages of other apps."""

from typing import Any

from django.urls import reverse

from beneficiaries.models import Beneficiary, Person
from beneficiaries.models.links import BeneficiaryQuerySet
from cards.models import Card
from cards.queries.eligibility import issuable, outdated, with_issue_blocker
from cards.views.cards import blocker_of, with_cards
from operators.context import current_operator_id
from operators.middleware import PortalRequest
from operators.models import Operator
from operators.permissions import Permission
from operators.registry import FirstStep, Panel
from operators.views.pagination import counted, lately_counted


def _panel(request: PortalRequest) -> dict[str, Any]:
    issuable_links, issued = lately_counted(request, "cards", _count)
    return {
        "issuable": issuable_links,
        "issued": issued,
        "href": reverse("cards:cards", args=[request.operator.registration]) + "?situacao=emitiveis",
    }


def _count() -> tuple[int, int]:
    return counted(issuable(Beneficiary.objects.all())), Card.objects.current().count()


def _of_person(_request: PortalRequest, person: Person) -> dict[str, Any]:
    own: BeneficiaryQuerySet = Beneficiary.objects.filter(person=person)
    links = with_cards(with_issue_blocker(own))
    return {
        "links": [(link, blocker_of(link)) for link in links.order_by("pk")],
        "outdated": set(outdated(own).values_list("pk", flat=True)),
    }


cards_panel = Panel(Permission.VIEW_CARDS, "cards/_cards_panel.html", _panel)
person_panel = Panel(Permission.VIEW_CARDS, "cards/_person.html", _of_person)
first_step = FirstStep(
    "Dizer os nomes e os contatos da operadora",
    "Nome fantasia, telefone, e-mail e site, como saem no verso do cartão.",
    "cards:operator_names",
    Permission.MANAGE_POLICY,
    lambda: Operator.objects.filter(pk=current_operator_id()).exclude(phone="").exists(),
)
