"""What other apps contribute to a person's page, and what they check before people or numbers change.

Each app registers its part in ``AppConfig.ready()`` (as in ``operators/registry.py``).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from operators.permissions import Permission
from operators.registry import LinkTarget, Panel, Registry

if TYPE_CHECKING:  # models are not there yet when apps are configured
    from operators.models import User

PERSON_PANELS: Registry[Panel] = Registry()
register_person_panel = PERSON_PANELS.register

LOOKUPS_PAGE = LinkTarget()
"""Questions to DATASUS that wait."""
LOOKUP_CREATE_PAGE = LinkTarget()
"""What asks DATASUS about one person, by POST."""


@dataclass(frozen=True, slots=True)
class BulkAction:
    """What may be done with people chosen in their list: by POST of them, or of all that the address finds."""

    permission: Permission
    label: str
    icon: str
    page: str  # URL name; reads ``beneficiaries.views.selection``


BULK_ACTIONS: Registry[BulkAction] = Registry()
register_bulk_action = BULK_ACTIONS.register


@dataclass(frozen=True, slots=True)
class CorrectionList:
    """A list of another app that stands among what there is to correct."""

    permission: Permission
    label: str
    hint: str
    page: str  # URL name
    query: str
    count: Callable[..., int]  # of a request


CORRECTION_LISTS: Registry[CorrectionList] = Registry()
register_correction_list = CORRECTION_LISTS.register


@dataclass(frozen=True, slots=True)
class Dependent:
    """A piece of work that would fall: whose, what it is in a sentence without numbers or names, and its page."""

    person_id: int
    sentence: str
    page: str  # name of an address of the operator
    subject: int  # its argument

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


DependentSource = Callable[[Mapping[int, str], datetime], Iterable[Dependent]]
DEPENDENT_SOURCES: Registry[DependentSource] = Registry()
register_dependents = DEPENDENT_SOURCES.register
"""With a function of people's numbers and a moment, since which their work counts."""

RemovalListener = Callable[[int, str], None]
REMOVAL_LISTENERS: Registry[RemovalListener] = Registry()
register_removal_listener = REMOVAL_LISTENERS.register
"""With a function of a person and a number that was taken from her, in the same transaction: what would spread it."""

Guard = Callable[[Collection[int]], str]
GUARDS: Registry[Guard] = Registry()
register_guard = GUARDS.register
"""With a function of people who are to be merged or split, asked in that transaction with the people locked.

It stops what may be stopped, and answers with a sentence where something may not; blank where nothing is in the way.
"""

NewPersonListener = Callable[[int, "User"], str]
NEW_PERSON_LISTENERS: Registry[NewPersonListener] = Registry()
register_new_person_listener = NEW_PERSON_LISTENERS.register
"""With a function of somebody added by hand and of who added them, called once that is written.

It answers with a sentence for the page: what it set going, or what is missing for that; blank where there is nothing
to say.
"""

PersonSearch = Callable[[str], Collection[int]]
PERSON_SEARCHES: Registry[PersonSearch] = Registry()
register_person_search = PERSON_SEARCHES.register
"""With a function of what somebody typed, which answers with the people whom its app knows by such a number.

It is asked with every search: without a query where the text cannot be one of its numbers.
"""
