"""What of the work with ANS waits for somebody."""

from collections import Counter

from django.db.models import Count, Min, QuerySet
from django.urls import reverse

from cnsportal.formats.br import format_count
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.registry import TodoItem, Waiting
from operators.views.pagination import counted
from sib.models import UNDECIDED, CnxStep, ConferenceFile, Movement, MovementState, Rejection, SbxFile, SbxState
from sib.queries.calendar import urgent_deadlines
from sib.queries.conference_age import age_of_last
from sib.views.results import field_title

MAX_FIELDS = 3


def _deadlines(_request: PortalRequest) -> Waiting:
    due = urgent_deadlines()
    return Waiting(len(due), details=tuple((each.sentence, "") for each in due))


def _oldest_of(files: QuerySet[SbxFile], moment: str) -> Waiting:
    found = files.aggregate(count=Count("pk"), since=Min(moment))
    return Waiting(found["count"], found["since"])


def _to_approve(_request: PortalRequest) -> Waiting:
    return _oldest_of(SbxFile.objects.filter(state=SbxState.DRAFT), "created_at")


def _to_send(_request: PortalRequest) -> Waiting:
    return _oldest_of(SbxFile.objects.filter(state=SbxState.APPROVED), "approved_at")


def _to_decide(_request: PortalRequest) -> Waiting:
    """Rehearsed, and neither applied nor closed; of one that stopped half way the rest."""
    files = ConferenceFile.objects.filter(step=CnxStep.REHEARSED, status__in=UNDECIDED)
    found = files.aggregate(count=Count("pk"), since=Min("received_at"))
    return Waiting(found["count"], found["since"])


def _to_ask_for(_request: PortalRequest) -> Waiting:
    age = age_of_last()
    return Waiting(1, details=((age.advice, ""),)) if age.is_old else Waiting(0)


def _held(_request: PortalRequest) -> Waiting:
    return Waiting(counted(Movement.objects.filter(state=MovementState.HELD)))


def _rejections(request: PortalRequest) -> Waiting:
    fields = Counter(dict(Rejection.objects.pending().order_by().values_list("field_code").annotate(Count("pk"))))
    href = reverse("sib:rejections", args=[request.operator.registration])
    most = fields.most_common(MAX_FIELDS)
    lines = ((f"{field_title(code)}: {format_count(count)}", f"{href}?campo={code}") for code, count in most)
    return Waiting(fields.total(), details=tuple(lines))


TODO_ITEMS = (
    TodoItem("deadlines", ("prazo da ANS", "prazos da ANS"), Permission.DRAFT_MOVEMENTS, "sib:calendar", _deadlines),
    TodoItem(
        "approve_sbx",
        ("arquivo do SIB espera aprovação", "arquivos do SIB esperam aprovação"),
        Permission.APPROVE_MOVEMENTS,
        "sib:sbx_files",
        _to_approve,
        menu="sib:movements",
    ),
    TodoItem(
        "send_sbx",
        ("arquivo aprovado espera ser enviado à ANS", "arquivos aprovados esperam ser enviados à ANS"),
        Permission.APPROVE_MOVEMENTS,
        "sib:sbx_files",
        _to_send,
        menu="sib:movements",
    ),
    TodoItem(
        "decide_conference",
        ("conferência ensaiada espera decisão", "conferências ensaiadas esperam decisão"),
        Permission.APPLY_IMPORT,
        "sib:conferences",
        _to_decide,
        menu="sib:conferences",
    ),
    TodoItem(
        "ask_conference",
        ("conferência a pedir à ANS", "conferências a pedir à ANS"),
        Permission.APPLY_IMPORT,
        "sib:conferences",
        _to_ask_for,
        menu="sib:conferences",
    ),
    TodoItem(
        "held_movements",
        ("movimentação retida espera correção", "movimentações retidas esperam correção"),
        Permission.DRAFT_MOVEMENTS,
        "sib:movements",
        _held,
        query="situacao=HELD",
        menu="sib:movements",
    ),
    TodoItem(
        "rejections",
        ("recusa da ANS espera correção", "recusas da ANS esperam correção"),
        Permission.RECEIVE_ANSWERS,
        "sib:rejections",
        _rejections,
        menu="sib:results",
    ),
)
