"""What there is to correct, list by list, with how many people stand in each."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from beneficiaries.models import PendingReason
from beneficiaries.queries.fixes import Fix, count_fixes
from beneficiaries.queries.number_radar import count_shared_numbers
from beneficiaries.queries.worklists import MAX_COUNTED, Worklist, count_worklists
from beneficiaries.registry import CORRECTION_LISTS
from beneficiaries.views.dashboard import known, reasons_of
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.pagination import lately_counted

OF_ANOTHER = {
    PendingReason.CHECK_CPF: "CPF de outra pessoa",
    PendingReason.OTHER_PERSON: "CCO de outra pessoa",
    PendingReason.REPEATED: "CNS repetido na ANS",
}


@dataclass(frozen=True, slots=True)
class ListLine:
    label: str
    count: int
    hint: str
    href: str

    @property
    def more_than(self) -> bool:
        return self.count >= MAX_COUNTED


@dataclass(frozen=True, slots=True)
class FixLine:
    """``gain``: hundredths of the people with an active link who would have a CNS besides, at most."""

    fix: Fix
    count: int
    gain: float
    href: str

    @property
    def more_than(self) -> bool:
        return self.count >= MAX_COUNTED


class Worklists(PortalView):
    permission = Permission.VIEW_PEOPLE
    template = "beneficiaries/worklists.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        return self.page(fixes=_fixes(request), lists=[*_worklists(request), *_of_numbers(request), *_of_apps(request)])


def _people(request: PortalRequest, **query: str) -> str:
    return f"{reverse('beneficiaries:people', args=[request.operator.registration])}?{urlencode(query)}"


def _fixes(request: PortalRequest) -> list[FixLine]:
    """What brings most comes first; nothing of what brings nothing."""
    counts = lately_counted(request, "worklists:fixes", count_fixes)
    found = known(request)
    active = sum(found.numbered.values()) + sum(found.reasons.values())
    lines = [
        FixLine(fix, count, 100 * count / active, _people(request, correcao=fix.value))
        for fix, count in counts.items()
        if count and active
    ]
    return sorted(lines, key=lambda line: -line.count)


def _worklists(request: PortalRequest) -> list[ListLine]:
    counts = lately_counted(request, "worklists", count_worklists)
    return [ListLine(each.label, counts[each], each.hint, _people(request, lista=each.value)) for each in Worklist]


def _of_numbers(request: PortalRequest) -> list[ListLine]:
    """Numbers and CPFs that are, or may be, of somebody else."""
    shared = lately_counted(request, "worklists:shared", count_shared_numbers)
    radar = reverse("beneficiaries:number_radar", args=[request.operator.registration])
    reasons = reasons_of(request, active=True)
    return [
        ListLine("Mesmo CNS em duas pessoas", shared, "Compare as duas e decida de quem é o número.", radar),
        *(
            ListLine(
                label,
                reasons[reason],
                str(reason.label),
                _people(request, vinculo="ativo", cns="sem", motivo=reason.value),
            )
            for reason, label in OF_ANOTHER.items()
        ),
    ]


def _of_apps(request: PortalRequest) -> list[ListLine]:
    """What other apps have to correct."""
    registration = request.operator.registration
    return [
        ListLine(each.label, each.count(request), each.hint, f"{reverse(each.page, args=[registration])}?{each.query}")
        for each in CORRECTION_LISTS
        if each.permission in request.permissions
    ]
