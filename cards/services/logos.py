"""The logos with which faces were drawn, by the digest that a face stores."""

from collections.abc import Iterable

from cards.domain.face import CardFace
from cards.render.documents import Logos
from operators.models import Logo


def logo_of(sha256: str) -> bytes | None:
    """A picture by its name alone, whichever operator's: nobody's data, and on every card."""
    content = Logo._base_manager.filter(sha256=sha256).values_list("content", flat=True).first()  # noqa: SLF001
    return None if content is None else bytes(content)


def logos_of(faces: Iterable[CardFace]) -> Logos:
    """What rendering these faces needs; one statement, none where no face has a logo."""
    return logos_named(face.theme.logo for face in faces)


def logos_named(names: Iterable[str]) -> Logos:
    named = set(names) - {""}
    rows = Logo.objects.filter(sha256__in=named).values_list("sha256", "content") if named else ()
    return {sha256: bytes(content) for sha256, content in rows}
