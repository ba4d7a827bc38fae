"""Previews the theme, as stored or as a form proposes it. A draft is kept for the minutes that its picture needs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from secrets import token_urlsafe
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from cards.domain.card_data import CardData
from cards.domain.face import CardFace, compose
from cards.domain.logos import Picture
from cards.domain.theme import Theme
from cards.queries.eligibility import theme_from
from cards.services.theme import CONTACTS, theme_of
from operators.models import Operator

DRAFT_TTL_SECONDS = 10 * 60
NO_PHONE = "0800 000 0000"  # stands in the picture until there is one


@dataclass(frozen=True, slots=True)
class Look:
    theme: Theme
    texts: Mapping[str, str]  # notice and contacts
    logos: Mapping[str, bytes]


def look_of(operator: Operator) -> Look:
    """As the next cards are."""
    row = theme_of(operator)
    theme = theme_from(row)
    logos = {theme.logo: bytes(row.logo.content)} if row.logo else {}
    return Look(theme, {"notice": row.notice, **{name: getattr(operator, name) for name in CONTACTS}}, logos)


def changed_look(look: Look, data: Mapping[str, Any]) -> Look:
    """With ``data`` (fields of the form of looks); the rest stays."""
    colours = {name: data[name] for name in ("main", "support") if name in data}
    texts = {name: data.get(name, text) for name, text in look.texts.items()}
    theme, logos, picture = replace(look.theme, **colours), look.logos, data.get("logo")
    if isinstance(picture, Picture):
        theme = replace(theme, logo=picture.sha256, logo_ratio=picture.ratio)
        logos = {picture.sha256: picture.content}
    elif data.get("drop_logo"):
        theme = replace(theme, logo="", logo_ratio=1.0)
    return Look(theme, texts, logos)


def save_draft(operator: Operator, look: Look) -> str:
    """The name under which ``draft`` finds it for a while."""
    name = token_urlsafe(16)
    cache.set(_key(operator, name), look, DRAFT_TTL_SECONDS)
    return name


def draft(operator: Operator, name: str) -> Look | None:
    found: Look | None = cache.get(_key(operator, name)) if name else None
    return found


def _key(operator: Operator, name: str) -> str:
    return f"cards:look:{operator.pk}:{name}"


def sample(operator: Operator, look: Look) -> CardFace:
    """The card of somebody invented."""
    subject = CardData(
        name="Nome do Beneficiário Exemplo",
        birth_date="1990-01-31",
        cns="100000000010002",
        code="00000000000000000",
        registration=operator.registration,
        trade_name=operator.trade_name,
        legal_name=operator.legal_name,
        phone=look.texts["phone"] or NO_PHONE,
        email=look.texts["email"],
        website=look.texts["website"],
        plan_ans_number="000000000",
        plan_name="Plano Exemplo",
        segmentation_label="Ambulatorial + Hospitalar com obstetrícia",
        accommodation="Coletiva",
        coverage_area="Nacional",
        regulation="R",
        contract="0000/0000",
        contracting="1",
        contracted_on="2026-01-01",
        cover_from="2026-01-01",
        notice=look.texts["notice"],
    )
    return compose(subject, on=timezone.localdate(), theme=look.theme)
