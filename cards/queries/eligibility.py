"""Which links may have a card, what blocks the others, and what a card would show."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, JSONObject, NullIf
from django.utils import timezone

from beneficiaries.models import Beneficiary, CnsNumber, Contract, Plan
from beneficiaries.models.links import BeneficiaryQuerySet, WaitingPeriod, WaitingUnit
from beneficiaries.models.plans import Accommodation, CoverageArea, Segmentation
from beneficiaries.registry import Dependent
from cards.domain.card_data import CardData, CardWaitingPeriod
from cards.domain.face import LAST_DAY_BEFORE_THE_LAW, LAYOUT_VERSION, OLDER_THAN_THE_LAW
from cards.domain.theme import DEFAULT, Theme
from cards.models import Card
from cnsportal.formats.br import format_date
from operators.context import current_operator_id
from operators.models import CardTheme


class IssueBlocker(TextChoices):
    """Why a link may not have a new card now; the sentence that the screens show."""

    CANCELLED = "CANCELLED", "O vínculo está cancelado: só vínculos ativos recebem cartão. Se foi engano, reative-o."
    NO_CNS = "NO_CNS", "A pessoa ainda não tem CNS: a página dela diz por quê e o que fazer."
    INCOMPLETE = "INCOMPLETE", "Falta dado que o cartão deve trazer: a página do cartão diz qual e onde informar."
    SAME_CARD = "SAME_CARD", "O cartão atual já mostra estes mesmos dados. Para outro igual, peça a segunda via."


class Omission(TextChoices):
    """Why an active link is not among those that cards can be issued for; for the one who issues them all at once."""

    NO_CNS = "NO_CNS", "A pessoa ainda não tem CNS: consulte o DATASUS (query_cns) ou importe uma conferência."
    NO_CONTACT = (
        "NO_CONTACT",
        "A operadora não tem telefone, e-mail nem site: informe um na aparência dos cartões ou com create_operator.",
    )
    NO_CONTRACT = "NO_CONTRACT", "O vínculo não tem contrato: importe-o com numeroContrato, ou informe-o no vínculo."
    CONTRACT = (
        "CONTRACT",
        "Falta dado no contrato: a lista Cartões → Falta dado mostra de quem; a página do cartão diz qual.",
    )
    PLAN = "PLAN", "Falta dado no plano: a lista Cartões → Falta dado mostra de quem; a página do cartão diz qual."
    DATES = "DATES", "O plano é anterior à Lei 9.656 e o contrato é de depois de 01/01/1999: corrija um dos dois."
    SAME_CARD = "SAME_CARD", "O cartão atual já mostra estes mesmos dados. Para outro igual, peça a segunda via."


def with_card_source(links: BeneficiaryQuerySet) -> BeneficiaryQuerySet:
    """Adds ``card_source``: everything that a card of the link depends on, as one JSON object (subject_of reads it)."""
    return links.annotate(card_cns=_current_cns(), card_source=JSONObject(**_SOURCE, waiting=_waiting_periods()))


def with_issue_blocker(links: BeneficiaryQuerySet) -> BeneficiaryQuerySet:
    """Adds ``card_blocker``: blank, or an IssueBlocker."""
    today = timezone.localdate()
    found = Case(
        When(cancelled_on__lte=today, then=Value(IssueBlocker.CANCELLED)),
        When(card_cns=None, operator__cards_without_cns=False, then=Value(IssueBlocker.NO_CNS)),
        When(_same_card(), then=Value(IssueBlocker.SAME_CARD)),
        When(_incomplete(), then=Value(IssueBlocker.INCOMPLETE)),
        default=Value(""),
        output_field=CharField(),
    )
    return with_card_source(links).annotate(card_blocker=found)


def issuable(links: BeneficiaryQuerySet) -> BeneficiaryQuerySet:
    """Active, described, with a current CNS unless the policy spares it, and no current card that shows the same.

    Those without a blocker, but asked one by one: of a CASE the planner cannot tell how many rows it leaves.
    """
    known = Q(card_cns__isnull=False) | Q(operator__cards_without_cns=True)
    return with_card_source(links.active()).exclude(_incomplete()).filter(known, ~_same_card())


def incomplete(links: BeneficiaryQuerySet) -> BeneficiaryQuerySet:
    """Active links whose plan, contract or parties nobody has described whole."""
    return links.active().filter(_incomplete())


def outdated(links: BeneficiaryQuerySet) -> BeneficiaryQuerySet:
    """Active links whose current card was made of something that is not so any more, a CNS among it.

    What a later version of the card would show besides does not make the cards before it outdated.
    """
    current = Card.objects.current().filter(beneficiary=OuterRef("pk"))
    holding = current.filter(source__contained_by=OuterRef("card_source"))
    return with_card_source(links.active()).filter(Exists(current), ~Exists(holding))


def omissions(links: BeneficiaryQuerySet) -> Counter[Omission]:
    """How many of the active links ``issuable`` leaves out, each by the first of its reasons. One statement."""
    reasons: list[tuple[Any, Omission]] = [
        (Q(card_cns=None, operator__cards_without_cns=False), Omission.NO_CNS),
        (_WITHOUT_CONTACT, Omission.NO_CONTACT),
        (Q(contract=None), Omission.NO_CONTRACT),
        (Exists(_lacking_contracts()), Omission.CONTRACT),
        (Exists(_lacking_plans()), Omission.PLAN),
        (_contradictory(), Omission.DATES),
        (_same_card(), Omission.SAME_CARD),
    ]
    found = Case(*(When(condition, then=Value(reason)) for condition, reason in reasons), output_field=CharField())
    rows = with_card_source(links.active()).annotate(omission=found).exclude(omission=None).order_by()
    return Counter({Omission(code): count for code, count in rows.values_list("omission").annotate(Count("pk"))})


def issue_blockers_of(link_ids: Collection[int]) -> dict[int, IssueBlocker | None]:
    """Why each of these links may not have a new card now; None where it may. One statement."""
    links: BeneficiaryQuerySet = Beneficiary.objects.filter(pk__in=link_ids)
    found: Any = with_issue_blocker(links)
    rows = found.values_list("pk", "card_blocker")
    return {pk: IssueBlocker(code) if code else None for pk, code in rows}


class CardSnapshot(NamedTuple):
    """A link as issuing sees it."""

    link_id: int
    person_id: int
    source: dict[str, Any]
    blocker: str
    confirmed_at: datetime | None = None  # when a source or a reviewer last stood for the CNS


def card_snapshots(links: BeneficiaryQuerySet) -> list[CardSnapshot]:
    """One statement for any number of links, in ascending order."""
    columns = ("pk", "person_id", "card_source", "card_blocker", "card_confirmed_at")
    rows = with_issue_blocker(links).annotate(card_confirmed_at=_confirmed()).order_by("pk").values_list(*columns)
    return [CardSnapshot(*row) for row in rows]


def dependent_cards(numbers: Mapping[int, str], since: datetime) -> list[Dependent]:
    """Current cards that show these numbers of these people and were issued since (beneficiaries.registry)."""
    cards = Card.objects.current().filter(
        beneficiary__person__in=numbers, cns__in=numbers.values(), issued_at__gte=since
    )
    rows = cards.order_by("pk").values_list("beneficiary__person", "beneficiary", "cns", "via", "issued_at")
    return [
        Dependent(person, _on_card(via, issued_at), "cards:card", link)
        for person, link, cns, via, issued_at in rows
        if numbers[person] == cns
    ]


def _on_card(via: int, issued_at: datetime) -> str:
    return f"o cartão ({via}ª via) emitido em {format_date(timezone.localtime(issued_at))} mostra o número"


def existing_codes(codes: Collection[str]) -> set[str]:
    """Which of these check codes some operator's card has: they are typed without saying whose card it is."""
    every_card = Card._base_manager  # noqa: SLF001  (across operators: nothing of the cards comes back)
    found = every_card.filter(check_code__in=codes).values_list("check_code", flat=True)
    return {code for code in found if code}


def current_theme() -> Theme:
    """How the operator's new cards look."""
    row = CardTheme.objects.filter(operator_id=current_operator_id()).select_related("logo").first()
    return theme_from(row) if row else DEFAULT


def theme_from(row: CardTheme) -> Theme:
    if row.logo is None:
        return Theme(row.main, row.support)
    return Theme(row.main, row.support, row.logo.sha256, row.logo.ratio)


def subject_of(source: Mapping[str, Any]) -> CardData:
    """What ``card_source`` says, with the words of ANS's codes."""
    known: dict[str, Any] = {key: value or "" for key, value in source.items()}
    words = {
        "segmentation_label": _label(Segmentation, known["segmentation"]),
        "accommodation": _label(Accommodation, known["accommodation"]),
        "coverage_area": _label(CoverageArea, known["coverage_area"]),
        "sole_trader": bool(known["sole_trader"]),
        "waiting": tuple(_waiting(**period) for period in known["waiting"]),
    }
    return CardData(**{**known, **words})


def _waiting(*, group: str, amount: int, unit: str, ends_on: str | None) -> CardWaitingPeriod:
    """``180 dias``, ``1 mês``."""
    words = WaitingUnit(unit).label if amount > 1 else _ONE[unit]
    return CardWaitingPeriod(group, f"{amount} {words}", ends_on or "")


def _label(choices: type[TextChoices], code: str) -> str:
    return choices(code).label if code else ""


def _current_cns() -> Subquery:
    return Subquery(CnsNumber.objects.current().filter(person=OuterRef("person")).values("number")[:1])


def _confirmed() -> Subquery:
    """The latest day: of NULLs, PostgreSQL's GREATEST takes no notice."""
    number = CnsNumber.objects.current().filter(person=OuterRef("person"), verified=True)
    return Subquery(number.values(at=Greatest("attached_at", OuterRef("person__cns_confirmed_at")))[:1])


def _same_card() -> Exists:
    current = Card.objects.current().filter(beneficiary=OuterRef("pk"), layout=LAYOUT_VERSION)
    return Exists(current.filter(source=OuterRef("card_source")))


def _incomplete() -> Q:
    """What of a card stands in few rows for many links; face.compose judges the rest as well, and says what is missing.

    EXISTS leaves it to the planner: of many links, plans and contracts that lack something are found once; of one link
    its own are looked at.
    """
    lacking = Q(contract=None) | Exists(_lacking_contracts()) | Exists(_lacking_plans()) | _contradictory()
    return lacking | _WITHOUT_CONTACT


_WITHOUT_CONTACT = Q(operator__phone="", operator__email="", operator__website="")


def _lacking_contracts() -> QuerySet[Contract]:
    unnamed = Q(company__legal_name="") | Q(administrator__legal_name="")
    return Contract.objects.filter(Contract.LACKING | unnamed, pk=OuterRef("contract"))


def _lacking_plans() -> QuerySet[Plan]:
    return Plan.objects.filter(Plan.LACKING, pk=OuterRef("plan"))


def _contradictory() -> Q:
    """As face.compose has it."""
    old = Plan.objects.filter(regulation__in=OLDER_THAN_THE_LAW, pk=OuterRef("plan"))
    new = Contract.objects.filter(signed_on__gt=LAST_DAY_BEFORE_THE_LAW, pk=OuterRef("contract"))
    return Q(Exists(old)) & Q(Exists(new))


def _given(path: str) -> Combinable:
    return NullIf(F(path), Value(""))


_ONE = {"H": "hora", "D": "dia", "M": "mês", "A": "ano"}


def _waiting_periods() -> ArraySubquery:
    period = JSONObject(group="group", amount="amount", unit="unit", ends_on="ends_on")
    return ArraySubquery(WaitingPeriod.objects.filter(beneficiary=OuterRef("pk")).order_by("group").values(json=period))


_SOURCE: dict[str, Combinable] = {
    "name": F("person__name"),
    "social_name": F("person__social_name"),
    "birth_date": F("person__birth_date"),
    "cns": F("card_cns"),
    "code": F("code"),
    "registration": F("operator__registration"),
    "trade_name": F("operator__trade_name"),
    "legal_name": F("operator__legal_name"),
    "phone": F("operator__phone"),
    "email": F("operator__email"),
    "website": F("operator__website"),
    "plan_ans_number": F("plan__ans_number"),
    "plan_operator_code": F("plan__operator_code"),
    "plan_name": F("plan__name"),
    "segmentation": F("plan__segmentation"),
    "accommodation": F("plan__accommodation"),
    "coverage_area": F("plan__coverage_area"),
    "regulation": F("plan__regulation"),
    "contract": F("contract__number"),
    "contracting": Coalesce(_given("contract__kind"), _given("plan__contracting")),
    "company_cnpj": F("contract__company__cnpj"),
    "company_legal_name": F("contract__company__legal_name"),
    "company_trade_name": F("contract__company__trade_name"),
    "administrator_cnpj": F("contract__administrator__cnpj"),
    "administrator_legal_name": F("contract__administrator__legal_name"),
    "administrator_trade_name": F("contract__administrator__trade_name"),
    "sole_trader": F("contract__sole_trader"),
    "contracted_on": F("contract__signed_on"),
    "cover_from": Coalesce("cover_from", "reactivated_on", "contracted_on"),
    "cpt_until": F("cpt_until"),
    "notice": F("operator__card_theme__notice"),
}
