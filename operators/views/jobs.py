"""The page of all jobs, and the tray in the header that tells how many run."""

from django.http import HttpResponse

from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.queries.jobs import JobFilter, count_active, list_jobs
from operators.views.base import PortalView
from operators.views.facets import facets
from operators.views.saved_views import pinned_views
from operators.views.todo import menu_counts


class JobList(PortalView):
    """Changes by itself while one of them runs."""

    permission = Permission.VIEW_PEOPLE
    template = "operators/jobs.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        wanted = request.GET.get("ver", "")
        chosen = next((each for each in JobFilter if each.value == wanted), None)
        jobs = list_jobs(request.permissions, chosen)
        choices = [(each.value, each.label) for each in JobFilter]
        return self.page(
            fragment="operators/_jobs.html",
            jobs=jobs,
            is_running=any(each.job.is_active for each in jobs),
            filters=facets(request, "ver", choices, every="Todas"),
        )


class JobTray(PortalView):
    """A fragment of the header, fetched after the page; asked for again only while something runs.

    The counters of the menu come with it: no page waits for them.
    """

    permission = Permission.VIEW_PEOPLE
    template = "operators/_jobs_tray.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        return self.page(
            fragment=self.template,
            active=count_active(request.permissions),
            counts=menu_counts(request),
            pinned=pinned_views(request),
            is_known=True,
        )
