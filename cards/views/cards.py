"""The list of cards with what blocks each, and the page of one card."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from beneficiaries.domain.identifiers import digits, mask_cns, mask_cpf
from beneficiaries.models import Beneficiary
from cards.domain.catalogue import Sensitivity, Side, item
from cards.domain.face import WITHOUT_CNS, CardFace, Defect, Field
from cards.domain.face_changes import ItemChange, changes
from cards.forms.batches import ScopeForm
from cards.models import Card
from cards.queries.eligibility import IssueBlocker, issue_blockers_of, with_issue_blocker
from cards.queries.filters import COUNTED, STATES, TO_ISSUE, in_state, narrowed
from cards.render.documents import render_svg
from cards.services import logos_of, preview
from cards.services.issue import Composed
from cards.views.fix_links import FixLink, fix_links
from cnsportal.formats.br import mask_digits, mask_with_bullets
from cnsportal.web.environment_badge import stamp
from operators.middleware import PortalRequest
from operators.permissions import Permission
from operators.views.base import PortalView
from operators.views.facets import Facet, facets
from operators.views.pagination import MAX_COUNTED, counted, keyset_page, lately_counted

MASKS = {"cns": mask_cns, "cpf": mask_cpf}


class CardList(PortalView):
    permission = Permission.VIEW_CARDS
    template = "cards/cards.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        form = ScopeForm(request.GET)
        form.is_valid()
        state = request.GET.get("situacao", "")
        page = keyset_page(request, with_cards(_found(request, state, form.cleaned_data)))
        return self.page(
            page=page,
            rows=with_blockers(page.rows, state),
            states=_counted_states(request, counted_too=not any(form.cleaned_data.values())),
            form=form,
            narrows=any(form.cleaned_data.values()),
            state=state,
            batch_query=_batch_query(request) if state in ("", *TO_ISSUE) else "",
        )


def _found(request: PortalRequest, state: str, asked: Mapping[str, Any]) -> QuerySet[Beneficiary]:
    """What compares every card with the registry is looked for once, rows and number together, for all who look.

    Whoever issued, or gave a number, looks for it again; of what others issued meanwhile the page leaves out the rows.
    """
    found = narrowed(in_state(state), asked)
    if state not in TO_ISSUE:
        return found
    question = sha256(repr(sorted((name, str(value)) for name, value in asked.items())).encode()).hexdigest()
    newest = found.order_by("-pk").values_list("pk", flat=True)[:MAX_COUNTED]
    key = f"cards:found:{state}:{question}"
    return Beneficiary.objects.filter(pk__in=lately_counted(request, key, lambda: list(newest)))


def with_blockers(links: list[Any], state: str) -> list[tuple[Any, IssueBlocker | None]]:
    """Of those that can be issued without the ones that cannot any more."""
    found = issue_blockers_of([link.pk for link in links])
    return [(link, found[link.pk]) for link in links if state != "emitiveis" or not found[link.pk]]


def _counted_states(request: PortalRequest, *, counted_too: bool) -> list[Facet]:
    """The states with how many each has, as they were a short while ago; without where something else narrows."""
    shown = facets(request, "situacao", STATES.items(), every="Todos")
    if not counted_too:
        return shown
    counts = lately_counted(request, "cards:states", lambda: {name: counted(in_state(name)) for name in COUNTED})
    return [shown[0], *(replace(facet, count=counts.get(name)) for facet, name in zip(shown[1:], STATES, strict=True))]


def _batch_query(request: PortalRequest) -> str:
    query = request.GET.copy()
    query.pop("antes", None)
    return query.urlencode()


class CardView(PortalView):
    """A page about the card of one link."""

    permission = Permission.VIEW_CARDS

    def link(self, pk: int) -> Any:
        """With ``current_cards`` and ``card_blocker``."""
        return get_object_or_404(with_cards(with_issue_blocker(Beneficiary.objects.all())), pk=pk)


class CardDetail(CardView):
    template = "cards/card.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        link = self.link(pk)
        composed, current, blocker = preview(link), _current(link), blocker_of(link)
        shown = _shown_face(composed, current)
        return self.page(
            link=link,
            current=current,
            blocker=blocker,
            defects=_fix_links(link, _other_defects(composed, blocker)),
            fields=_fields(shown) if shown else {},
            changed=_changed(current, composed),
            cards=link.cards.select_related("issued_by").order_by("-via"),
        )


def _other_defects(composed: Composed, blocker: IssueBlocker | None) -> tuple[Defect, ...]:
    """What else keeps the card from being made: of a cancelled link nothing is asked."""
    if isinstance(composed, CardFace) or blocker is IssueBlocker.CANCELLED:
        return ()
    return tuple(defect for defect in composed if blocker is not IssueBlocker.NO_CNS or defect.key != "cns")


def _fix_links(link: Any, defects: Iterable[Defect]) -> list[FixLink]:
    return fix_links(link, link.operator.registration, defects)


def _changed(current: Card | None, composed: Composed) -> tuple[ItemChange, ...]:
    """What the current card says that is not so any more, masked."""
    if current is None or not isinstance(composed, CardFace):
        return ()
    return changes(masked(current.face), masked(composed))


class CardPicture(CardView):
    """One side of the card, the CNS masked: who needs it in full downloads the card."""

    def get(self, _request: PortalRequest, pk: int, side: str) -> HttpResponse:
        link = self.link(pk)
        face = _shown_face(preview(link), _current(link))
        if face is None:
            raise Http404
        front, back = render_svg(masked(face), logos_of([face]), stamp=stamp())
        return HttpResponse(front if side == "frente" else back, content_type="image/svg+xml")


def with_cards(links: QuerySet[Beneficiary]) -> QuerySet[Beneficiary]:
    current: QuerySet[Card] = Card.objects.current()
    return links.select_related("person", "plan", "contract", "operator").prefetch_related(
        Prefetch("cards", current, to_attr="current_cards"),
    )


def _current(link: Any) -> Card | None:
    return next(iter(link.current_cards), None)


def _shown_face(composed: Composed, current: Card | None) -> CardFace | None:
    """What a card issued now would show; the current one where none can be issued."""
    if isinstance(composed, CardFace):
        return composed
    return current.face if current else None


def masked(face: CardFace) -> CardFace:
    """As a screen shows it: numbers of the person and health data are for the card itself."""
    return replace(face, fields=tuple(replace(field, value=_masked(field)) for field in face.fields))


def _masked(field: Field) -> str:
    if field.key in MASKS and field.value != WITHOUT_CNS:
        return mask_with_bullets(MASKS[field.key](digits(field.value)))
    return mask_digits(field.value) if item(field.key).sensitivity is Sensitivity.HEALTH else field.value


def _fields(face: CardFace) -> dict[str, list[tuple[str, str]]]:
    """Caption and text of both sides, for those who cannot see the picture."""
    shown = masked(face)
    return {side.name.lower(): [(field.caption, field.value) for field in shown.on(side)] for side in Side}


def blocker_of(link: Any) -> IssueBlocker | None:
    """As ``with_issue_blocker`` found it."""
    return IssueBlocker(link.card_blocker) if link.card_blocker else None
