"""The theme of an operator's cards: two colours and a logo. Pure.

White text stands on the main colour and dark text on the supporting one, so each is held to WCAG 2.2 (1.4.3, 4.5:1).
"""

import re
from dataclasses import dataclass

INK = "#121c19"
WHITE = "#ffffff"
MIN_CONTRAST = 4.5
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Theme:
    """``logo`` is the SHA-256 of the picture's bytes, blank without one; ``logo_ratio`` its width by its height."""

    main: str = "#084f48"
    support: str = "#e8f2ef"
    logo: str = ""
    logo_ratio: float = 1.0

    def as_json(self) -> dict[str, str | float]:
        return {name: getattr(self, name) for name in self.__slots__}


DEFAULT = Theme()


DARK_PAPER = "#151c1a"
"""What the digital card stands on where the reader's system is dark (--surface of static/css/tokens.css)."""


def stylesheet(main: str, support: str) -> str:
    """Both colours, and in which a text may be set on the page's own ground, by the names that pages.css asks for."""
    light = support if contrast(support, DARK_PAPER) >= MIN_CONTRAST else WHITE
    return (
        f":root {{ --brand: {main}; --brand-ink: {WHITE}; --brand-wash: {support}; --brand-wash-ink: {INK};"
        f" --brand-text: light-dark({main}, {light}); }}\n"
    )


def contrast(one: str, other: str) -> float:
    """WCAG's ratio between two colours, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def main_objection(colour: str) -> str:
    """Why this cannot be the main colour; blank when it can."""
    return _objection(colour, WHITE, "o texto branco", "mais escura")


def support_objection(colour: str) -> str:
    return _objection(colour, INK, "o texto escuro", "mais clara")


def _objection(colour: str, text: str, words: str, better: str) -> str:
    if not _COLOUR.fullmatch(colour):
        return "Escreva a cor com # e seis algarismos hexadecimais, como #084f48."
    found = contrast(colour, text)
    if found >= MIN_CONTRAST:
        return ""
    ratio = f"{int(found * 10) / 10:.1f}".replace(".", ",")
    return f"Sobre esta cor {words} tem contraste de {ratio}:1 e o mínimo é 4,5:1. Escolha uma cor {better}."


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
