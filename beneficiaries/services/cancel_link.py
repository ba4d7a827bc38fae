"""A link cancelled by hand, with the dependants who leave with their holder."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q

from beneficiaries.models import Beneficiary
from beneficiaries.services.change_events import lock_registry
from beneficiaries.services.edit import change_link, edit_token
from operators.models import User


@transaction.atomic
def cancel_link(pk: int, values: Mapping[str, Any], *, dependants: Collection[int], read: str, actor: User) -> bool:
    """Whether anything changed. Raises EditConflict; what ended or left the holder meanwhile stays as it is."""
    lock_registry()
    leaving = Beneficiary.objects.active().filter(pk__in=dependants, holder=pk)
    links = Beneficiary.objects.filter(Q(pk=pk) | Q(pk__in=leaving.values("pk")))
    changed = False
    for link in links.order_by("pk").select_for_update(no_key=True):
        token = read if link.pk == pk else edit_token(link, values)
        changed |= change_link(link.pk, values, {}, read=token, actor=actor)
    return changed
