"""Saved views: the list of them, one to be saved or changed, pinned to the menu with a live counter."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from operators.forms.saved_views import SavedViewForm
from operators.middleware import PortalRequest
from operators.models import SavedView
from operators.permissions import Permission
from operators.registry import LIST_EXPORTS, ExportRequest, ListExport
from operators.services.saved_views import CannotSave, change_view, delete_view, pin_view, save_view, visible_views
from operators.views.base import PortalView
from operators.views.pagination import MAX_COUNTED, lately_counted

MAX_PINNED = 10  # that the menu shows


@dataclass(frozen=True, slots=True)
class ShownView:
    view: SavedView
    listing: ListExport
    href: str
    count: int | None = None

    @property
    def more_than(self) -> bool:
        return self.count is not None and self.count >= MAX_COUNTED


def pinned_views(request: PortalRequest) -> list[ShownView]:
    """Those of the reader's menu, counted as their lists count."""
    views = visible_views(request.user).filter(pinned_by=request.user.pk)[:MAX_PINNED]
    return _shown(request, views, counted_too=True)


def _shown(request: PortalRequest, views: Iterable[SavedView], *, counted_too: bool) -> list[ShownView]:
    """Of lists that there are and that the reader may see."""
    found = []
    for view in views:
        listing = LIST_EXPORTS.get(view.list_name)
        if listing and listing.permission in request.permissions:
            href = listing.address(request.operator.registration, view.query)
            found.append(ShownView(view, listing, href, _count(request, view, listing) if counted_too else None))
    return found


def _count(request: PortalRequest, view: SavedView, listing: ListExport) -> int | None:
    count = listing.count
    if count is None:
        return None
    asked = ExportRequest(view.query, request.user.pk, in_full=False)
    return lately_counted(request, f"todo:view:{view.pk}", lambda: count(asked))


class SavedViewBase(PortalView):
    """Whoever sees a list may keep views of it; showing them to the team is for those who work with lists."""

    permission = Permission.VIEW_PEOPLE

    def form(self, data: object = None, **kwargs: object) -> SavedViewForm:
        return SavedViewForm(data, may_share=self.may(Permission.EXPORT), **kwargs)

    def own(self, pk: int) -> SavedView:
        view: SavedView = get_object_or_404(SavedView, pk=pk, owner=self.request.user)
        return view

    def chosen(self, form: SavedViewForm) -> dict[str, object]:
        return {"is_shared": False, **form.cleaned_data}

    def to_views(self) -> HttpResponse:
        return redirect("operators:saved_views", self.request.operator.registration)


class SavedViewList(SavedViewBase):
    template = "operators/saved_views.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        views = visible_views(request.user).select_related("owner")
        pinned = set(views.filter(pinned_by=request.user.pk).values_list("pk", flat=True))
        return self.page(views=_shown(request, views, counted_too=False), pinned=pinned)


class SaveView(SavedViewBase):
    template = "operators/saved_view.html"

    def get(self, _request: PortalRequest, name: str) -> HttpResponse:
        return self._show(self._listing(name), self.form())

    def post(self, request: PortalRequest, name: str) -> HttpResponse:
        listing, form = self._listing(name), self.form(request.POST)
        if not form.is_valid():
            return self._show(listing, form, status=422)
        try:
            view = save_view(listing, request.GET.dict(), actor=request.user, **self.chosen(form))  # type: ignore[arg-type]
        except CannotSave as refusal:
            form.add_error("name", str(refusal))
            return self._show(listing, form, status=422)
        messages.success(request, f"Vista “{view.name}” gravada.")
        return redirect(listing.address(request.operator.registration, view.query))

    def _listing(self, name: str) -> ListExport:
        listing = LIST_EXPORTS.get(name)
        if listing is None or listing.page_key:
            raise Http404
        if not self.may(listing.permission):
            raise PermissionDenied(f"Seu perfil não permite {listing.permission.value} nesta operadora.")
        return listing

    def _show(self, listing: ListExport, form: SavedViewForm, status: int = 200) -> HttpResponse:
        query = self.request.GET.dict()
        return self.page(
            listing=listing,
            form=form,
            leaves_words=any(query.get(key) for key in listing.searches),
            back=listing.address(self.request.operator.registration, listing.kept(query)),
            status=status,
        )


class EditView(SavedViewBase):
    template = "operators/saved_view.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        view = self.own(pk)
        is_pinned = view.pinned_by.filter(pk=request.user.pk).exists()
        initial = {"name": view.name, "is_shared": view.is_shared, "is_pinned": is_pinned}
        return self.page(view=view, form=self.form(initial=initial))

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        view, form = self.own(pk), self.form(request.POST)
        if not form.is_valid():
            return self.page(view=view, form=form, status=422)
        try:
            change_view(view, **self.chosen(form))  # type: ignore[arg-type]
        except CannotSave as refusal:
            form.add_error("name", str(refusal))
            return self.page(view=view, form=form, status=422)
        messages.success(request, f"Vista “{view.name}” gravada.")
        return self.to_views()


class PinView(SavedViewBase):
    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        view = get_object_or_404(visible_views(request.user), pk=pk)
        pin_view(view, request.user, is_pinned="fixar" in request.POST)
        return self.to_views()


class DeleteView(SavedViewBase):
    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        view = self.own(pk)
        delete_view(view)
        messages.success(request, f"Vista “{view.name}” apagada.")
        return self.to_views()
