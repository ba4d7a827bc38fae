"""Pages of parts in one file: what each showed, in order, with a table of references that readers take strictly."""

import io
import re
from dataclasses import replace

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader

from cards.domain.theme import Theme
from cards.render.documents import render_job, render_pdf
from cards.render.imposition import card_size
from cards.render.pdf_merge import PdfJoiner, UnsupportedPdf
from tests.cards.subjects import COMPANY, DENTAL, FULL, INDIVIDUAL, issued

FACES = [issued(subject) for subject in (INDIVIDUAL, COMPANY, DENTAL, FULL)]
CARDS = {"output": "cards", "bleed": False}


def joined(*parts: list[bytes], title="Cartões"):
    out = io.BytesIO()
    joiner = PdfJoiner(out, title, card_size())
    for pdf, *contents in parts:
        joiner.add(pdf, contents)
    joiner.close()
    return out.getvalue()


@pytest.fixture(scope="module")
def parts():
    return [render_job(CARDS, FACES[:1]), render_job(CARDS, FACES[1:])]


def texts(pdf):
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf), strict=True).pages]


def pictures(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return [document[number].render(scale=2).to_pil().tobytes() for number in range(len(document))]


def test_the_pages_say_and_show_what_they_did_apart(parts):
    whole = joined(*parts)

    apart = [joined(part) for part in parts]
    assert texts(whole) == texts(apart[0]) + texts(apart[1])
    assert pictures(whole) == pictures(apart[0]) + pictures(apart[1])


def test_the_title_is_the_files_and_nothing_of_a_part_describes_it(parts):
    reader = PdfReader(io.BytesIO(joined(*parts, title="Cartões de março")), strict=True)

    assert (reader.metadata, reader.xmp_metadata, reader.trailer["/Root"]["/Lang"]) == (
        {"/Title": "Cartões de março"},
        None,
        "pt-BR",
    )


def test_every_object_is_where_the_table_says(parts):
    whole = joined(*parts)
    start = int(whole[whole.rindex(b"startxref") + 9 :].split()[0])
    lines = whole[start:].split(b"\n")[2:]
    used = [(number, int(line[:10])) for number, line in enumerate(lines) if line.endswith(b" n ")]

    assert [whole.startswith(b"%d 0 obj" % number, offset) for number, offset in used] == [True] * len(used)


def test_equal_parts_give_equal_bytes(parts):
    assert joined(*parts) == joined(*parts)


def test_pages_of_nothing_are_none():
    assert texts(joined()) == []


def letters(pdf):
    """What each page says, in whatever order."""
    return ["".join(sorted(text.replace(" ", "").replace("\n", ""))) for text in texts(pdf)]


def test_long_files_are_joined_from_parts():
    faces = [FACES[place % 4] for place in range(25)]

    assert letters(render_pdf(faces)) == [page for face in faces for page in letters(render_pdf([face]))]


def test_cards_with_bleed_are_joined_as_they_are_alone():
    faces = [FACES[place % 4] for place in range(21)]

    whole = pictures(render_pdf(faces, bleed=True))

    assert whole == [page for face in faces for page in pictures(render_pdf([face], bleed=True))]


LIKE = [issued(replace(COMPANY, code=f"00{number}")) for number in range(3)]
SEVERAL = [face for face in FACES for _ in range(5)]
DRESSED = [replace(FACES[0], theme=Theme("#103f6b", "#e6eef5")), FACES[1]]


@pytest.mark.parametrize("faces", [LIKE, FACES, LIKE[:1], [LIKE[0]] * 3, DRESSED, SEVERAL], ids=len)
def test_the_ground_is_drawn_under_every_page_and_is_none_itself(faces):
    whole = joined(render_job(CARDS, faces))

    assert pictures(whole) == [page for face in faces for page in pictures(render_pdf([face]))]
    assert letters(whole) == [page for face in faces for page in letters(render_pdf([face]))]


def test_what_all_cards_show_stands_in_the_file_once():
    pages = PdfReader(io.BytesIO(joined(render_job(CARDS, LIKE))), strict=True).pages
    drawn = [{form.idnum for form in dict.values(page["/Resources"]["/XObject"])} for page in pages]

    assert [len(set.intersection(*drawn[side::2])) for side in (0, 1)] == [1, 1]
    assert len(set.union(*drawn)) == 2 + len(pages)


def test_a_page_keeps_nothing_that_it_does_not_show():
    faces = [*LIKE, FACES[0], FACES[2]]
    pages = PdfReader(io.BytesIO(joined(render_job(CARDS, faces))), strict=True).pages

    for page in pages:
        drawn = re.findall(r"/F\d+", page["/Contents"].get_data().decode())
        assert sorted(page["/Resources"]["/XObject"]) == sorted(drawn)


def test_pictures_of_their_own_stay_with_the_pages_above_the_ground():
    drawn = io.BytesIO()
    Image.new("RGBA", (200, 100), "#d0021b").save(drawn, "PNG")
    logos = {"red": drawn.getvalue()}
    faces = [FACES[0], replace(FACES[0], theme=Theme(logo="red", logo_ratio=2.0))]

    whole = joined(render_job(CARDS, faces, logos))

    assert pictures(whole) == [page for face in faces for page in pictures(render_pdf([face], logos))]


@pytest.mark.parametrize("broken", [b"", b"%PDF-1.7", b"%PDF-1.7\nstartxref\n0\n%%EOF", b"startxref\n99999\n%%EOF"])
def test_what_is_no_plain_file_is_refused(broken):
    with pytest.raises(UnsupportedPdf):
        joined([broken])


def test_a_part_whose_table_is_wrong_is_refused(parts):
    with pytest.raises(UnsupportedPdf, match="object 1 is not where the table says"):
        joined([parts[0][0].replace(b"\n0000000016 00000 n", b"\n0000000017 00000 n", 1)])
