"""Extension points: what apps contribute to pages and work of other apps that may not import them.

A plug-in registry: each app registers its part in ``AppConfig.ready()``; whoever shows or asks it reads the registry.
Contributions about people are registered in ``beneficiaries/registry.py``.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypedDict, TypeVar
from urllib.parse import urlencode

from django.urls import reverse

from cnsportal.security.envelope_encryption import RewrapResult
from operators.permissions import Permission

if TYPE_CHECKING:
    from cnsportal.jobs import Job  # a model: apps are not ready when they register

T = TypeVar("T", bound=Hashable)


class Registry(Generic[T]):
    """Contributions of one kind, by rising order; of the same order, in the order of INSTALLED_APPS."""

    def __init__(self) -> None:
        self._entries: dict[T, int] = {}

    def register(self, entry: T, *, order: int = 0) -> None:
        """What is registered again stays once, as tests may make apps ready more than once."""
        self._entries[entry] = order

    def __iter__(self) -> Iterator[T]:
        return iter(sorted(self._entries, key=self._entries.__getitem__))


# ---- panels -----------------------------------------------------------------------------------------------------
class Slot(StrEnum):
    """Where a panel stands; the templates name these places."""

    BANNERS = "banners"  # above every page: each asks the cache alone
    WIDE = "wide"  # and below: the dashboard
    TILES = "tiles"


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the dashboard or of a person's page: whose it is for, how it looks, what it shows."""

    permission: Permission
    template: str
    context: Callable[..., dict[str, Any]]


PANELS: dict[Slot, Registry[Panel]] = {slot: Registry() for slot in Slot}


def register_panel(slot: Slot, panel: Panel, *, order: int) -> None:
    PANELS[slot].register(panel, order=order)


# ---- work that waits --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Waiting:
    """How much work waits, since when the oldest of it (None where nothing tells), and more about it: sentences,
    each with an address or without.
    """

    count: int
    since: datetime | None = None
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TodoItem:
    """Work of one kind: a line of the dashboard for whoever may do it, and counted beside an entry of the menu."""

    name: str  # of its kept count
    words: tuple[str, str]  # after a count of one, and of more
    permission: Permission
    page: str  # URL name
    waiting: Callable[..., Waiting]  # of a request: a constant number of short queries
    query: str = ""
    menu: str = ""  # URL name of the entry; blank: no counter
    is_personal: bool = False  # not the same for all who ask


TODO_ITEMS: Registry[TodoItem] = Registry()
register_todo_item = TODO_ITEMS.register


# ---- first steps ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class FirstStep:
    """What a new operator has to do before the portal can work for it."""

    label: str
    sentence: str  # what it is good for
    page: str  # URL name
    permission: Permission
    is_done: Callable[[], bool]  # one short query


FIRST_STEPS: Registry[FirstStep] = Registry()
register_first_step = FIRST_STEPS.register


# ---- navigation ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry of the menu; it is the current one on its page, below that address, and on the pages ``beside`` it."""

    label: str
    icon: str
    page: str  # URL name
    permission: Permission
    beside: tuple[str, ...] = ()  # URL names


MENU: Registry[MenuEntry] = Registry()
register_menu_entry = MENU.register


@dataclass(frozen=True, slots=True)
class HeaderTool:
    """A fragment in the header of every page of an operator."""

    permission: Permission
    template: str


HEADER_TOOLS: Registry[HeaderTool] = Registry()
register_header_tool = HEADER_TOOLS.register


@dataclass(slots=True)
class LinkTarget:
    """A page of an app above that a page below leads to; the app above registers its URL name."""

    url_name: str = ""

    def register(self, url_name: str) -> None:
        self.url_name = url_name


PERSON_PAGE = LinkTarget()
"""Of one person, by number: where the audit trail leads."""


# ---- jobs -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class JobKind:
    """The jobs of one model, for the page of all jobs."""

    model: "type[Job]"
    label: str
    page: str  # URL name of a job's page, with its key
    permission: Permission
    requested_by: str = "requested_by"  # the field

    def name_of(self, job: "Job") -> str:
        """Of the file it is about, else its own."""
        return str(getattr(job, "name", "") or job)


JOB_KINDS: Registry[JobKind] = Registry()
register_job_kind = JOB_KINDS.register


# ---- lists as files ---------------------------------------------------------------------------------------------
class CannotExport(Exception):
    """People read the sentence."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """The query of the list's page, who asks, and whether CPF and CNS are wanted in full."""

    query: Mapping[str, str]
    reader_id: int
    in_full: bool


@dataclass(frozen=True, slots=True)
class ListExport:
    """A list that is exported as its page shows it: the rows come from the queryset of that page, one by one."""

    name: str  # kept with each export, for ever
    label: str
    permission: Permission  # of the page
    page: str  # URL name
    columns: tuple[str, ...]
    rows: Callable[[ExportRequest], Iterable[Sequence[object]]]  # text, numbers, days and moments; raises CannotExport
    count: Callable[[ExportRequest], int] | None = None  # of the rows, bounded: for the counters of saved views
    filters: tuple[str, ...] = ()  # keys of the page's query that narrow or sort it
    searches: tuple[str, ...] = ()  # more of them, whose words stay off the trail
    has_numbers: bool = True  # CPF or CNS, which may be wanted in full
    more_columns: Callable[[ExportRequest], tuple[str, ...]] | None = None  # that the reader chose, behind the others
    page_key: str = ""  # where the page is of one row: under which key of the query an export has that row's

    @property
    def keys(self) -> list[str]:
        """Of the query, what makes a difference."""
        return [key for key in (*self.filters, *self.searches, self.page_key) if key]

    def head(self, asked: ExportRequest) -> tuple[str, ...]:
        return (*self.columns, *self.more_columns(asked)) if self.more_columns else self.columns

    def kept(self, query: Mapping[str, str]) -> dict[str, str]:
        """Of a query what makes a difference to the list."""
        return {key: query[key][:200] for key in self.keys if query.get(key)}

    def narrowed(self, query: Mapping[str, str]) -> dict[str, str]:
        """The same without the words of a search, which nobody may keep."""
        return {key: value for key, value in self.kept(query).items() if key not in self.searches}

    def address(self, registration: str, query: Mapping[str, str]) -> str:
        """The page as it was; where it is of one row, the query says of which."""
        narrowed = dict(query)
        key = [narrowed.pop(self.page_key)] if self.page_key else []
        path = reverse(self.page, args=[registration, *key])
        return f"{path}?{urlencode(narrowed)}" if narrowed else path


LIST_EXPORTS: dict[str, ListExport] = {}


def register_list_export(listing: ListExport) -> None:
    LIST_EXPORTS[listing.name] = listing


# ---- the report of the night ------------------------------------------------------------------------------------
class NightFacts(TypedDict):
    """An app's part of the night report."""

    lines: list[list[Any]]  # of words and a number
    urgent: list[str]  # sentences


NightSource = Callable[[datetime, datetime], NightFacts]
NIGHT_SOURCES: Registry[NightSource] = Registry()
register_night_source = NIGHT_SOURCES.register


# ---- owners of what is sealed under the key-encryption keys -----------------------------------------------------
KekOwner = Callable[[], RewrapResult]
KEK_OWNERS: Registry[KekOwner] = Registry()
register_kek_owner = KEK_OWNERS.register
"""With a function that puts what its app sealed for the current operator under the current key."""
