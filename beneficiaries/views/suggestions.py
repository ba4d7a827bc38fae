"""Live search on every page: whom the header's search box finds while somebody types."""

from django.http import HttpResponse

from beneficiaries.forms.search import SearchForm
from beneficiaries.models import Person
from beneficiaries.views.people import MAX_FOUND, shortlist
from cnsportal.web.rate_limits import RateLimit
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView

MAX_SUGGESTED = 8  # people below the box; the list of people has the others
MIN_CHARACTERS = 3
TYPED = RateLimit("person-typed", 240, 60)
"""Of one reader: four a second are more than anybody types, and fewer than a program would ask."""


class PersonSuggestions(PortalView):
    """A fragment; what is typed comes in the request's body, so that no address and no log has it."""

    permission = Permission.VIEW_PEOPLE
    template = "beneficiaries/_suggestions.html"

    def post(self, request: PortalRequest) -> HttpResponse:
        form = SearchForm(request.POST)
        words = form.cleaned_data["q"] if form.is_valid() else ""
        if len(words) < MIN_CHARACTERS:
            return self.page(fragment=self.template)
        if not TYPED.consume(str(request.user.pk)):
            return self.page(fragment=self.template, too_many=True, status=429)
        keys = shortlist(words, {}, MAX_FOUND)
        shown = keys[:MAX_SUGGESTED]
        people = sorted(Person.objects.filter(pk__in=shown), key=lambda person: shown.index(person.pk))
        return self.page(
            fragment=self.template,
            searched=True,
            people=people,
            total=min(len(keys), MAX_FOUND),
            is_more=len(keys) > MAX_FOUND,
        )
