"""People chosen in their list for a bulk action: those that are ticked, or all that the list finds."""

from dataclasses import dataclass

from django.urls import reverse

from beneficiaries.forms.search import recall
from beneficiaries.models import Person
from beneficiaries.views.people import MAX_FOUND, people_found, shortlist
from cnsportal.formats.text import key_of
from operators.middleware import PortalRequest
from operators.views.pagination import MAX_COUNTED

TICKED, EVERYBODY = "pessoa", "todas"


@dataclass(frozen=True, slots=True)
class Selection:
    """``back`` is the list as it was."""

    people: list[int]
    is_everybody: bool
    back: str

    @property
    def is_cut(self) -> bool:
        """Of more nobody is told one by one what came of it."""
        return self.is_everybody and len(self.people) >= MAX_COUNTED


def read_selection(request: PortalRequest) -> Selection:
    """Of a POST to an action, whose address has the query of the list."""
    list_page = reverse("beneficiaries:people", args=[request.operator.registration])
    back = f"{list_page}?{request.GET.urlencode()}" if request.GET else list_page
    if EVERYBODY in request.POST:
        return Selection(_everybody(request), is_everybody=True, back=back)
    keys = [key for text in request.POST.getlist(TICKED) if (key := key_of(text))]
    ticked = Person.objects.filter(pk__in=keys).order_by("pk").values_list("pk", flat=True)
    return Selection(list(ticked), is_everybody=False, back=back)


def _everybody(request: PortalRequest) -> list[int]:
    token = request.GET.get("busca", "")
    words = recall(request, token) if token else ""
    if words:
        return shortlist(words, request.GET, MAX_FOUND)[:MAX_FOUND]
    if token:  # it has expired: not everybody is meant
        return []
    return list(people_found("", request.GET).order_by("pk").values_list("pk", flat=True)[:MAX_COUNTED])
