"""QR codes of level M (ISO/IEC 18004) as rectangles over their dark modules. Pure.

An encoder spends most of its time on the choice among eight masks. It is asked for the first one alone: what others
change is the same for all texts of a size, and they are judged here, a code being a number with a bit for each module.
"""

import re
from functools import cache
from typing import NamedTuple

import zxingcpp

MASKS = 8
QUIET_MODULES = 4  # light modules around what the encoder gives; the layout leaves them white
RUN_MODULES = 7  # modules of a row whose rectangles are remembered
_BITS = bytes([ord("1"), *[ord("0")] * 255])  # a dark module is a zero byte
_DARK = re.compile("1+")
_RECTANGLE = re.compile(r"(\d+) (\d+) (\d+) 1 re ")


class Code(NamedTuple):
    """``path`` is PDF's, in modules from the upper left corner of a square with ``size`` of them to a side."""

    size: int
    path: str


def code(text: str) -> Code:
    side, plain = _encoded(text, 0)
    masked = (plain ^ change for change in _changes(text, side))
    modules = f"{min(masked, key=lambda dark: penalty(dark, side)):0{side * side}b}"
    return Code(side - 2 * QUIET_MODULES, "".join([_piece(y, x, modules[at:end]) for y, x, at, end in _places(side)]))


def svg(text: str) -> str:
    return _svg(text, 0)


def svg_on_white(text: str) -> str:
    """With its quiet zone, for a screen of any colour that another phone reads."""
    return _svg(text, QUIET_MODULES, '<path fill="#fff" d="M{0} {0}h{1}v{1}h-{1}z"/>')


def _svg(text: str, margin: int, ground: str = "") -> str:
    size, path = code(text)
    corner, side = -margin, size + 2 * margin
    shape = _RECTANGLE.sub(r"M\1 \2h\3v1h-\3z", path)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{corner} {corner} {side} {side}">'
        f'{ground.format(corner, side)}<path d="{shape}"/></svg>'
    )


def _encoded(text: str, mask: int) -> tuple[int, int]:
    """Modules to a side, quiet zone included, and all of them as one number."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", data_mask=mask)
    modules = memoryview(barcode.to_image())  # type: ignore[arg-type]  # a buffer of bytes
    return len(modules), int(modules.tobytes().translate(_BITS), 2)


_CHANGES: dict[int, tuple[int, ...]] = {}


def _changes(text: str, side: int) -> tuple[int, ...]:
    """What each mask changes of the first one's code."""
    if side not in _CHANGES:
        codes = [_encoded(text, mask)[1] for mask in range(MASKS)]
        _CHANGES[side] = tuple(masked ^ codes[0] for masked in codes)
    return _CHANGES[side]


@cache
def _places(side: int) -> list[tuple[int, int, int, int]]:
    """Row and column of each piece, and where among all modules it begins and ends."""
    size = side - 2 * QUIET_MODULES
    return [
        (y, x, start + x, start + min(x + RUN_MODULES, size))
        for y, start in enumerate(range(QUIET_MODULES * (side + 1), side * (side - QUIET_MODULES), side))
        for x in range(0, size, RUN_MODULES)
    ]


@cache
def _piece(y: int, x: int, modules: str) -> str:
    return "".join(f"{x + run.start()} {y} {len(run[0])} 1 re " for run in _DARK.finditer(modules))


def penalty(dark: int, side: int) -> int:
    """By the four rules of 7.8.3: long runs, blocks, what looks like a finder, more of one shade than of the other."""
    light = _inside(side) & ~dark
    area = (side - 2 * QUIET_MODULES) ** 2
    return (
        _along(dark, light, 1)
        + _along(dark, light, side)
        + 3 * (_blocks(dark, side) + _blocks(light, side))
        + 10 * (abs(20 * dark.bit_count() - 10 * area) // area)
    )


@cache
def _inside(side: int) -> int:
    """What is not quiet."""
    row = (1 << (side - 2 * QUIET_MODULES)) - 1
    return sum(row << (side * y + QUIET_MODULES) for y in range(QUIET_MODULES, side - QUIET_MODULES))


def _along(dark: int, light: int, step: int) -> int:
    """In rows (a step of one) or columns: runs of five and more, and dark-light-dark³-light-dark beside four light."""
    alike = dark & dark >> step | light & light >> step
    two = alike & alike >> step
    long = two & two >> 2 * step
    pale = ~dark & ~dark >> step
    four = pale & pale >> 2 * step
    finder = dark & light >> step & dark >> 2 * step & dark >> 3 * step
    finder &= dark >> 4 * step & light >> 5 * step & dark >> 6 * step & (four >> 7 * step | four << 4 * step)
    return long.bit_count() + 2 * (long & ~(long << step)).bit_count() + 40 * finder.bit_count()


def _blocks(shade: int, side: int) -> int:
    pair = shade & shade >> 1
    return (pair & pair >> side).bit_count()
