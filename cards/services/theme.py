"""Changes the theme of the operator's next cards, and the contacts that they name."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from cards.domain.logos import Picture
from cards.domain.theme import DEFAULT
from cnsportal.db.optimistic_lock import check_edit_token
from operators.audit import Event, EventKind, record
from operators.models import CardTheme, Logo, Operator, User
from operators.services.lock_operator import lock_operator

CONTACTS = ("phone", "email", "website")


def theme_of(operator: Operator) -> CardTheme:
    """The operator's, or the default one, unsaved."""
    found = CardTheme.objects.filter(operator=operator).select_related("logo").first()
    return found or CardTheme(operator=operator, main=DEFAULT.main, support=DEFAULT.support)


@transaction.atomic
def set_theme(
    operator: Operator, values: Mapping[str, str], *, logo: Picture | None, drop_logo: bool, version: int, actor: User
) -> bool:
    """Colours, notice, contacts and logo; False where all is as it was. A logo that is dropped stays kept.

    Raises EditConflict.
    """
    held = lock_operator(operator.pk)
    theme = theme_of(held)
    check_edit_token(version, now=theme.version)
    chosen = _logo(held, logo) if logo else None if drop_logo else theme.logo
    wanted: dict[str, Any] = {**values, "logo": chosen}
    changed = sorted(name for name, value in wanted.items() if getattr(_owner(name, held, theme), name) != value)
    if not changed:
        return False
    for name in changed:
        setattr(_owner(name, held, theme), name, wanted[name])
    theme.version += 1
    theme.save()
    held.save(update_fields=CONTACTS)
    record([Event(EventKind.CARD_THEME_CHANGED, "operator", held.pk, actor=actor, data={"fields": changed})])
    return True


def _owner(name: str, operator: Operator, theme: CardTheme) -> Operator | CardTheme:
    return operator if name in CONTACTS else theme


def _logo(operator: Operator, picture: Picture) -> Logo:
    row = {"content": picture.content, "ratio": picture.ratio}
    return Logo.objects.get_or_create(operator=operator, sha256=picture.sha256, defaults=row)[0]
