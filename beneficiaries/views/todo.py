"""What of the registry waits for somebody."""

from django.db.models import Count, Min, Q
from django.urls import reverse

from beneficiaries.models import ImportRun, PendingReason
from beneficiaries.models.pending import StepKind
from beneficiaries.queries.review_queue import SECOND, ReviewFilter, waiting_for
from beneficiaries.views.dashboard import known
from cnsportal.formats.br import format_count
from cnsportal.jobs import Status
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import TodoItem, Waiting

TO_COMPLETE = [reason for reason in PendingReason if reason.next_step.kind is StepKind.EDIT]


def _cases(request: PortalRequest) -> Waiting:
    """Without those that the reader proposed to accept: they wait for somebody else."""
    found = waiting_for(request.user.pk).aggregate(
        count=Count("pk"), since=Min("opened_at"), second=Count("pk", filter=Q(proposed_by__isnull=False))
    )
    return Waiting(found["count"], found["since"], _second(request, found["second"]))


def _second(request: PortalRequest, count: int) -> tuple[tuple[str, str], ...]:
    if not count:
        return ()
    page = reverse("beneficiaries:reviews", args=[request.operator.registration])
    words = "espera" if count == 1 else "esperam"
    told = f"{format_count(count)} {words} a segunda pessoa"
    return ((told, f"{page}{ReviewFilter(state=SECOND).suffix}"),)


def _imports(_request: PortalRequest) -> Waiting:
    """Rehearsed, or with columns that the portal does not know."""
    found = ImportRun.objects.filter(status=Status.WAITING).aggregate(count=Count("pk"), since=Min("queued_at"))
    return Waiting(found["count"], found["since"])


def _incomplete(request: PortalRequest) -> Waiting:
    """With an active link and without a CNS, for a reason that better data may resolve."""
    reasons = known(request).reasons
    return Waiting(sum(reasons[reason] for reason in TO_COMPLETE))


TODO_ITEMS = (
    TodoItem(
        "reviews",
        ("número espera a sua decisão", "números esperam a sua decisão"),
        Permission.REVIEW_CNS,
        "beneficiaries:reviews",
        _cases,
        menu="beneficiaries:reviews",
        is_personal=True,
    ),
    TodoItem(
        "imports",
        ("planilha espera a sua decisão", "planilhas esperam a sua decisão"),
        Permission.EDIT_PEOPLE,
        "beneficiaries:imports",
        _imports,
        menu="beneficiaries:people",
    ),
    TodoItem(
        "people_to_complete",
        ("pessoa sem CNS com dados a conferir", "pessoas sem CNS com dados a conferir"),
        Permission.EDIT_PEOPLE,
        "beneficiaries:people",
        _incomplete,
        query=f"vinculo=ativo&cns=sem&motivo={','.join(TO_COMPLETE)}",
        menu="beneficiaries:people",
    ),
)
