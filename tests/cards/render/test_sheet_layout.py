"""A4 sheets: every card whole on the paper, its back behind it, no mark on a card."""

import io
import json
from dataclasses import replace
from itertools import combinations

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from cards.render.batch_outputs import SHEETS, Options, write
from cards.render.documents import render_pdf
from cards.render.layout import HEIGHT, WIDTH
from cards.render.sheet_layout import COLUMNS, FLIPS, SHEET_HEIGHT, SHEET_WIDTH, Sheet
from tests.cards.subjects import INDIVIDUAL, issued

EVERY_SHEET = [(up, flip) for up in COLUMNS for flip in FLIPS]
MM = 72 / 25.4


def box(spot):
    return (spot.x, spot.y, spot.x + WIDTH, spot.y + HEIGHT)


def where(point):
    return point.x / 4 / MM, point.y / 4 / MM


def apart(one, other):
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize(("up", "flip"), EVERY_SHEET)
def test_cards_are_whole_and_apart(up, flip):
    for spots in (Sheet(up, flip).fronts, Sheet(up, flip).backs):
        boxes = [box(spot) for spot in spots]
        assert len(boxes) == up
        assert [min(b[0], b[1], SHEET_WIDTH - b[2], SHEET_HEIGHT - b[3]) >= 5 for b in boxes] == [True] * up
        assert [apart(*pair) for pair in combinations(boxes, 2)] == [True] * (up * (up - 1) // 2)


@pytest.mark.parametrize("up", COLUMNS)
def test_a_back_lies_behind_its_front_however_the_paper_is_turned(up):
    long, short = Sheet(up, "long"), Sheet(up, "short")

    for front, back in zip(long.fronts, long.backs, strict=True):
        assert (SHEET_WIDTH - back.x - WIDTH, back.y, back.turned) == pytest.approx((front.x, front.y, False))
    for front, back in zip(short.fronts, short.backs, strict=True):
        assert (back.x, SHEET_HEIGHT - back.y - HEIGHT, back.turned) == pytest.approx((front.x, front.y, True))


@pytest.mark.parametrize("up", COLUMNS)
def test_no_crop_mark_touches_a_card(up):
    sheet = Sheet(up)
    boxes = [box(spot) for spot in sheet.fronts]
    marks = [(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)) for x1, y1, x2, y2 in sheet.crop_marks]

    assert len(marks) == 8 * up
    assert all(apart(mark, card) for mark in marks for card in boxes)
    assert Sheet(up, marks=False).crop_marks == []


def test_ten_cards_are_five_rows_of_two():
    spots = Sheet(10).fronts

    assert sorted({round(spot.x, 2) for spot in spots}) == [17.4, 107.0]
    assert len({spot.y for spot in spots}) == 5
    assert (spots[0].y, spots[0].x < spots[1].x, spots[0].y == spots[1].y) == (pytest.approx(5.55), True, True)


@pytest.fixture(scope="module")
def faces():
    return [replace(issued(INDIVIDUAL), verification=f"https://exemplo.invalid/v/{number:022d}") for number in range(3)]


def printed(faces, sheet):
    out = io.BytesIO()
    write(out, SHEETS, Options(sheet.up, sheet.flip, sheet.marks), [json.dumps(face.as_json()) for face in faces])
    return out.getvalue()


@pytest.mark.parametrize(("up", "flip"), EVERY_SHEET)
def test_each_code_is_read_behind_its_card(faces, up, flip):
    sheet = Sheet(up, flip)
    document = pypdfium2.PdfDocument(printed(faces[:2], sheet))

    back = document[1].render(scale=4).to_pil()
    found = {code.text: where(code.position.top_left) for code in zxingcpp.read_barcodes(back)}

    assert (len(document), set(found)) == (2, {face.verification for face in faces[:2]})
    for face, spot in zip(faces[:2], sheet.backs, strict=False):
        x, y = found[face.verification]
        assert (spot.x < x < spot.x + WIDTH, spot.y < y < spot.y + HEIGHT) == (True, True)


def test_a_sheet_is_a4_and_as_many_as_the_cards_need(faces):
    pages = PdfReader(io.BytesIO(printed(faces, Sheet(2)))).pages

    assert [tuple(map(float, page.mediabox[2:])) for page in pages] == [pytest.approx((595.28, 841.89), abs=0.01)] * 4


def test_a_sheet_shows_of_each_card_what_a_single_one_shows(faces):
    fronts, backs = PdfReader(io.BytesIO(printed(faces, Sheet(4)))).pages
    alone = [PdfReader(io.BytesIO(render_pdf([face]))).pages for face in faces]

    assert letters([fronts]) == letters([front for front, _ in alone])
    assert letters([backs]) == letters([back for _, back in alone])


def letters(pages):
    return sorted("".join(page.extract_text() for page in pages).replace(" ", "").replace("\n", ""))
