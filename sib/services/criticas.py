"""Changes to an operator's own words for ANS's reasons."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from operators.audit import Event, EventKind, record
from operators.context import current_operator_id
from operators.models import User
from sib.models import Critica


def explain_critica(critica: Critica, words: Mapping[str, str], *, actor: User) -> bool:
    """Say in these words (title, explanation, next_step) what it means; False where it already says so.

    Blank words give the explanation back to the data for all.
    """
    texts = {name: words[name] for name in ("title", "explanation", "next_step")}
    with transaction.atomic():
        now = Critica.objects.select_for_update().get(pk=critica.pk)
        if all(getattr(now, name) == text for name, text in texts.items()):
            return False
        Critica.objects.filter(pk=now.pk).update(**texts, changed_at=timezone.now(), changed_by=actor)
        _record_change(now, actor, bool(texts["explanation"]))
    return True


def add_critica(field_code: str, error_code: str, words: Mapping[str, str], *, actor: User) -> Critica | None:
    """A reason that no answer has brought yet; None where the operator has it already."""
    try:
        with transaction.atomic():
            critica = Critica.objects.create(
                operator_id=current_operator_id(),
                field_code=field_code,
                error_code=error_code,
                changed_at=timezone.now(),
                changed_by=actor,
                **words,
            )
            _record_change(critica, actor, True)
    except IntegrityError:
        return None
    return critica


def _record_change(critica: Critica, actor: User, is_explained: bool) -> None:
    data = {"field": critica.field_code, "error": critica.error_code, "explained": is_explained}
    record([Event(EventKind.CRITICA_EXPLAINED, "critica", critica.pk, actor=actor, data=data)])
