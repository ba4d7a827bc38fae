"""What cards contribute to pages of other apps."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse

from beneficiaries.models import Beneficiary, Person
from beneficiaries.models.links import BeneficiaryQuerySet
from beneficiaries.registry import CorrectionList
from cards.models import Card, CardStatus
from cards.queries.eligibility import issuable, outdated, with_issue_blocker
from cards.views.cards import blocker_of, with_cards
from operators.context import current_operator_id
from operators.middleware import PortalRequest
from operators.models import Operator
from operators.permissions import Permission
from operators.registry import FirstStep, Panel, TodoItem, Waiting
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


def _to_issue(request: PortalRequest) -> Waiting:
    return Waiting(lately_counted(request, "cards", _count)[0])


def _to_reissue(request: PortalRequest) -> Waiting:
    """Cards that say what is not so any more; each is compared with the registry, so the count is kept."""
    return Waiting(lately_counted(request, "cards:outdated", lambda: counted(outdated(Beneficiary.objects.all()))))


def _with_status(status: CardStatus, moment: str) -> Callable[[PortalRequest], Waiting]:
    def waiting(_request: PortalRequest) -> Waiting:
        found = Card.objects.filter(status=status).aggregate(count=Count("pk"), since=Min(moment))
        return Waiting(found["count"], found["since"])

    return waiting


def _of_person(_request: PortalRequest, person: Person) -> dict[str, Any]:
    own: BeneficiaryQuerySet = Beneficiary.objects.filter(person=person)
    links = with_cards(with_issue_blocker(own))
    return {
        "links": [(link, blocker_of(link)) for link in links.order_by("pk")],
        "outdated": set(outdated(own).values_list("pk", flat=True)),
    }


cards_panel = Panel(Permission.VIEW_CARDS, "cards/_cards_panel.html", _panel)
person_panel = Panel(Permission.VIEW_CARDS, "cards/_person.html", _of_person)


def _todo_item(name: str, words: tuple[str, str], state: str, waiting: Callable[[PortalRequest], Waiting]) -> TodoItem:
    query = f"situacao={state}"
    return TodoItem(name, words, Permission.ISSUE_CARDS, "cards:cards", waiting, query=query, menu="cards:cards")


TODO_ITEMS = (
    _todo_item("cards_to_issue", ("cartão pode ser emitido", "cartões podem ser emitidos"), "emitiveis", _to_issue),
    _todo_item(
        "cards_to_print",
        ("cartão a imprimir", "cartões a imprimir"),
        "imprimir",
        _with_status(CardStatus.ISSUED, "issued_at"),
    ),
    _todo_item(
        "cards_to_deliver",
        ("cartão a entregar", "cartões a entregar"),
        "entregar",
        _with_status(CardStatus.PRINTED, "issued_at"),
    ),
    _todo_item(
        "cards_to_reissue",
        ("cartão mudou desde a emissão", "cartões mudaram desde a emissão"),
        "mudaram",
        _to_reissue,
    ),
)
outdated_list = CorrectionList(
    Permission.VIEW_CARDS,
    "Cartões que mudaram desde a emissão",
    "O cartão mostra um dado que não é mais assim. Emita outro.",
    "cards:cards",
    "situacao=mudaram",
    lambda request: _to_reissue(request).count,
)
first_step = FirstStep(
    "Dizer os nomes e os contatos da operadora",
    "Nome fantasia, telefone, e-mail e site, como saem no verso do cartão.",
    "cards:operator_names",
    Permission.MANAGE_POLICY,
    lambda: Operator.objects.filter(pk=current_operator_id()).exclude(phone="").exists(),
)
