"""The explanation of a rejection: the operator's own words first, then those for all."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cnsportal.formats.br import mask_digits
from sib.domain.criticas import UNKNOWN, Explanation, of_field
from sib.models import Critica, Rejection
from sib.queries.labels import PERSONAL_NUMBERS


@dataclass(frozen=True, slots=True)
class Explained:
    """A rejection with its explanation; the value as it may be shown."""

    rejection: Rejection
    explanation: Explanation
    value: str

    @property
    def field(self) -> str:
        """What ANS found fault with, as people call it."""
        known = of_field(self.rejection.field_code)
        return known.title if known is not UNKNOWN else self.rejection.field_name.capitalize() or "não informado"


def explained(rejections: Iterable[Rejection]) -> list[Explained]:
    found = list(rejections)
    own = _own({each.field_code for each in found})
    return [Explained(each, _explained(own, each.field_code, each.error_code), _shown(each)) for each in found]


def _own(fields: set[str]) -> dict[tuple[str, str], Critica]:
    criticas = Critica.objects.filter(field_code__in=fields).exclude(explanation="")
    return {(critica.field_code, critica.error_code): critica for critica in criticas}


def _explained(own: dict[tuple[str, str], Critica], field_code: str, error_code: str) -> Explanation:
    general = of_field(field_code)
    critica = own.get((field_code, error_code)) or own.get((field_code, ""))
    if critica is None:
        return general
    title = critica.title or general.title
    return replace(general, title=title, explanation=critica.explanation, next_step=critica.next_step)


def _shown(rejection: Rejection) -> str:
    """Of a personal number only its shape; a date as people write it, where it is one."""
    if of_field(rejection.field_code).field in PERSONAL_NUMBERS:
        return mask_digits(rejection.value)
    return re.sub(r"^(\d{4})-(\d\d)-(\d\d)$", r"\3/\2/\1", rejection.value)
