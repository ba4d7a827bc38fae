"""The dashboard panels of the registry."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse

from beneficiaries.models import Beneficiary, CnsNumber, PendingReason, Person, Plan
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import FirstStep, Panel
from operators.views.pagination import lately_counted


@dataclass(frozen=True, slots=True)
class Part:
    """A share of the people: for the meter in hundredths, for the reader in words and numbers."""

    label: str
    count: int
    tone: str
    start: float
    width: float
    href: str


def parts(counts: list[tuple[str, int, str, str]]) -> list[Part]:
    """From label, count, tone and address, laid end to end."""
    total = sum(count for _, count, _, _ in counts) or 1
    start, laid = 0.0, []
    for label, count, tone, href in counts:
        laid.append(Part(label, count, tone, start, 100 * count / total, href))
        start += 100 * count / total
    return laid


@dataclass(frozen=True, slots=True)
class Known:
    """People with an active link: by whether their CNS is verified, and by why they have none."""

    numbered: dict[bool, int]
    reasons: Counter[str]


def reasons_of(request: PortalRequest, *, active: bool | None) -> Counter[str]:
    """Of people without a CNS, with an active link, without, or (None) all of them."""
    if active:
        return known(request).reasons
    every = lately_counted(request, "reasons", lambda: Person.objects.without_cns().counted_by_pending())
    return every if active is None else every - known(request).reasons


def known(request: PortalRequest) -> Known:
    return lately_counted(request, "coverage", _count)


def _count() -> Known:
    active = Exists(Beneficiary.objects.active().filter(person=OuterRef("person")))
    numbered = CnsNumber.objects.current().filter(active).values_list("verified").annotate(Count("pk"))
    return Known(dict(numbered), Person.objects.with_active_link().without_cns().counted_by_pending())


def _coverage(request: PortalRequest) -> dict[str, Any]:
    """People with an active link, by what is known of their CNS; as it was a few seconds ago."""
    found = known(request)
    reasons = found.reasons
    people = reverse("beneficiaries:people", args=[request.operator.registration]) + "?vinculo=ativo&cns="
    verified, unverified, without = found.numbered.get(True, 0), found.numbered.get(False, 0), sum(reasons.values())
    total = verified + unverified + without
    return {
        "total": total,
        "share": 100 * (verified + unverified) / total if total else None,
        "parts": parts(
            [
                ("CNS verificado", verified, "good", people + "verificado"),
                ("CNS não verificado", unverified, "warn", people + "nao-verificado"),
                ("Sem CNS", without, "neutral", people + "sem"),
            ]
        ),
        "reasons": sorted(
            (
                (
                    PendingReason(reason).chip,
                    PendingReason(reason).tone,
                    count,
                    f"{people}sem&motivo={reason}",
                )
                for reason, count in reasons.items()
            ),
            key=lambda row: -row[2],
        ),
    }


coverage = Panel(Permission.VIEW_PEOPLE, "beneficiaries/_coverage_panel.html", _coverage)

import_step = FirstStep(
    "Trazer os beneficiários",
    "Uma planilha com pessoas e vínculos. Pouca gente também se cadastra uma a uma, em Pessoas.",
    "beneficiaries:import_upload",
    Permission.EDIT_PEOPLE,
    Person.objects.exists,
)
plans_step = FirstStep(
    "Completar um plano",
    "O que o cartão diz de cada plano: nome, segmentação, acomodação, abrangência.",
    "beneficiaries:plan_list",
    Permission.EDIT_PEOPLE,
    lambda: Plan.objects.exclude(Plan.LACKING).exists(),
)
