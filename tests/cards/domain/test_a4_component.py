from dataclasses import replace
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from cards.domain.a4_component import sections_of
from cards.domain.catalogue import CATALOGUE, item
from cards.render.documents import render_pdf, render_sheet, render_sheet_png
from tests.cards import golden
from tests.cards.subjects import DENTAL, EVERY_CASE, FULL, INDIVIDUAL, VERIFICATION, issued


def told(subject):
    """Number, label and text of every row."""
    return [
        (row["number"], row["label"], " / ".join(row["lines"]))
        for section in sections_of(issued(subject))
        for row in section["rows"]
    ]


def read(pdf):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


@pytest.mark.parametrize("subject", EVERY_CASE.values(), ids=EVERY_CASE)
def test_sheet_says_every_field_of_the_face_with_its_whole_label(subject):
    face = issued(subject)
    text = read(render_sheet(face))

    labels = [item(field.key).label for field in face.fields]
    values = [part for field in face.fields for part in field.value.split(" · ")]
    assert [words for words in (*labels, *values) if words not in text] == []


@pytest.mark.parametrize(
    ("subject", "number", "text"),
    [
        (INDIVIDUAL, 7, "Não há"),
        (INDIVIDUAL, 8, "Não há"),
        (INDIVIDUAL, 16, "Não há"),
        (INDIVIDUAL, 17, "Não há"),
        (INDIVIDUAL, 24, "Não"),
        (DENTAL, 19, "Sem acomodação"),
    ],
)
def test_sheet_says_of_what_does_not_exist_that_it_does_not(subject, number, text):
    assert [shown for found, _, shown in told(subject) if found == number] == [text]


def test_sheet_of_a_full_card_holds_every_number_of_the_norm():
    assert {number for number, _, _ in told(FULL)} == {entry.number for entry in CATALOGUE}


def test_waiting_periods_stand_below_each_other():
    assert [text for number, _, text in told(FULL) if number == 16] == [
        (
            "Ambulatorial 30 dias, até 31/08/2021 / Hospitalar 180 dias, até 28/01/2022 / "
            "Parto a termo 300 dias, até 28/05/2022 / Odontológico 60 dias"
        )
    ]


def test_sheet_is_one_tagged_page_with_a_language_and_a_title():
    document = PdfReader(BytesIO(render_sheet(issued(INDIVIDUAL))))

    catalogue = document.root_object
    assert (len(document.pages), catalogue["/MarkInfo"]["/Marked"], catalogue["/Lang"]) == (1, True, "pt-BR")
    assert document.metadata.title == "Componente cadastral – identificação do beneficiário"
    assert "/StructTreeRoot" in catalogue


def test_equal_faces_make_equal_sheets_and_the_qr_code_is_read_back():
    face = issued(INDIVIDUAL)
    (page,) = render_sheet_png(face, 200)

    assert render_sheet(face) == render_sheet(face)
    assert [code.text for code in zxingcpp.read_barcodes(Image.open(BytesIO(page)))] == [VERIFICATION]


def test_text_is_never_markup():
    name = "#panic(1) *Ana* $x$ @Sá [Exemplo] _a_ //"

    assert name in read(render_sheet(issued(replace(INDIVIDUAL, name=name))))


@pytest.mark.parametrize("name", golden.FACES)
def test_sheet_is_the_one_that_was_looked_at(name):
    assert golden.difference(golden.sheet_of(name), golden.sheet_path(name)) <= 0.001


def test_bleed_enlarges_the_page_and_leaves_the_card_where_it_is():
    page = PdfReader(BytesIO(render_pdf([issued(INDIVIDUAL)], bleed=True))).pages[0]

    assert [round(float(edge) / 72 * 25.4, 2) for edge in page.mediabox] == [0, 0, 91.6, 59.98]
