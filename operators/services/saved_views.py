"""Saved views: a list with its filters, kept under a name. Only the owner changes one; who sees it may pin it."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import SavedView, User
from operators.registry import ListExport

MAX_VIEWS = 50  # of one reader


class CannotSave(Exception):
    """People read the sentence."""


def visible_views(reader: User) -> QuerySet[SavedView]:
    """The reader's own and the team's."""
    return SavedView.objects.filter(Q(owner=reader) | Q(is_shared=True)).order_by("name", "pk")


@transaction.atomic
def save_view(
    listing: ListExport, query: Mapping[str, str], *, name: str, is_shared: bool, is_pinned: bool, actor: User
) -> SavedView:
    """CannotSave where the reader has one of this name, or too many."""
    if SavedView.objects.filter(owner=actor).count() >= MAX_VIEWS:
        raise CannotSave(f"Você já tem {MAX_VIEWS} vistas. Apague uma que não usa mais.")
    view = SavedView(
        operator_id=current_operator_id(), owner=actor, list_name=listing.name, query=listing.narrowed(query)
    )
    return _save(view, name, is_shared, is_pinned)


@transaction.atomic
def change_view(view: SavedView, *, name: str, is_shared: bool, is_pinned: bool) -> SavedView:
    """By its owner; CannotSave as above."""
    return _save(view, name, is_shared, is_pinned)


def _save(view: SavedView, name: str, is_shared: bool, is_pinned: bool) -> SavedView:
    view.name, view.is_shared = name, is_shared
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise CannotSave("Você já tem uma vista com este nome. Escolha outro.") from None
    pin_view(view, view.owner, is_pinned=is_pinned)
    data = {"list": view.list_name, "shared": is_shared}
    record([Event(EventKind.VIEW_SAVED, "saved_view", view.pk, actor=view.owner, data=data)])
    return view


def pin_view(view: SavedView, reader: User, *, is_pinned: bool) -> None:
    """In the reader's own menu."""
    if is_pinned:
        view.pinned_by.add(reader)
    else:
        view.pinned_by.remove(reader)


@transaction.atomic
def delete_view(view: SavedView) -> None:
    record([Event(EventKind.VIEW_DELETED, "saved_view", view.pk, actor=view.owner, data={"list": view.list_name})])
    view.delete()
