from dataclasses import replace
from io import BytesIO

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from pypdf import PdfReader

from cards.domain.catalogue import Side, item
from cards.domain.face import compose
from cards.domain.logos import read_logo
from cards.domain.theme import Theme
from cards.render.documents import (
    CARDS_PER_DOCUMENT,
    DoesNotFit,
    misfits,
    render_pdf,
    render_png,
    render_sheet,
    render_svg,
)
from tests.cards import golden
from tests.cards.subjects import COMPANY, EVERY_CASE, FULL, INDIVIDUAL, LEAST, ON, PRE_LAW, VERIFICATION, issued

SAFE_PX = 3 / 25.4 * 300


def pages(pdf):
    return PdfReader(BytesIO(pdf)).pages


def texts(pdf):
    return [" ".join(page.extract_text().split()) for page in pages(pdf)]


def image(png):
    return Image.open(BytesIO(png)).convert("RGB")


def ink(picture, paper):
    """The box that everything but the paper takes."""
    return ImageChops.difference(picture, Image.new("RGB", picture.size, paper)).getbbox()


def named(name):
    return replace(INDIVIDUAL, name=name)


def sentences(subject):
    return [(defect.key, defect.sentence) for defect in misfits([compose(subject, on=ON)]).get(0, ())]


@pytest.mark.parametrize("count", [1, CARDS_PER_DOCUMENT + 1])
def test_pdf_pages_have_the_size_of_a_card(count):
    boxes = {tuple(float(edge) for edge in page.mediabox) for page in pages(render_pdf([issued(LEAST)] * count))}

    assert {tuple(round(edge, 2) for edge in box) for box in boxes} == {(0, 0, 242.65, 153.01)}


@settings(max_examples=5)
@given(st.integers(min_value=1, max_value=2 * CARDS_PER_DOCUMENT + 1))
def test_pdf_has_a_front_and_a_back_for_each_face_in_order(count):
    faces = [issued(replace(LEAST, code=f"{index:04d}")) for index in range(count)]

    fronts = texts(render_pdf(faces))[::2]

    assert len(pages(render_pdf(faces))) == 2 * count
    assert [face["code"] in front.split() for face, front in zip(faces, fronts, strict=True)] == [True] * count


@pytest.mark.parametrize("subject", EVERY_CASE.values(), ids=EVERY_CASE)
def test_pdf_says_every_field_of_the_face(subject):
    face = issued(subject)

    front, back = texts(render_pdf([face]))

    assert [field.key for field in face.on(Side.FRONT) if field.value not in front] == []
    assert [field.key for field in face.on(Side.BACK) if field.value not in back] == []


def test_front_reads_in_the_order_in_which_it_is_seen():
    front, _ = texts(render_pdf([issued(INDIVIDUAL)]))

    assert front == (
        "Exemplo Saúde ANS nº 999999 "
        "Maria Aparecida da Conceição Exemplo Cartão Nacional de Saúde (CNS) 100 0000 0001 0002 "
        "Matrícula 00012345678901234 Nascimento 29/02/1984 Registro do plano na ANS 412345678 "
        "Plano Essencial Enfermaria Abrangência Grupo de municípios "
        "Segmentação Ambulatorial + Hospitalar com obstetrícia Acomodação Coletiva"
    )


def test_back_reads_in_the_order_in_which_it_is_seen():
    _, back = texts(render_pdf([issued(COMPANY)]))

    assert back == (
        "Contrato 2021/0004567 Contratação Coletivo Empresarial "
        "Regulamentação Plano Regulamentado Contratado em 01/07/2021 Cobertura desde 01/08/2021 "
        "Razão social Exemplo Saúde Assistência Médica S.A. "
        "Contratante Metalúrgica Exemplo Indústria Ltda. · Metalúrgica Exemplo "
        "Confira o cartão 7K3MN-2QXW4 "
        "Atendimento 0800 123 4567 · atendimento@exemplo.invalid Disque ANS 0800 701 9656 · www.gov.br/ans 1ª via"
    )


def test_pdf_is_tagged_and_says_its_language_and_title():
    catalogue = PdfReader(BytesIO(render_pdf([issued(FULL)]))).root_object

    assert (catalogue["/MarkInfo"]["/Marked"], catalogue["/Lang"]) == (True, "pt-BR")
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712  (a PDF boolean)


@pytest.mark.parametrize("count", [1, CARDS_PER_DOCUMENT + 1])
def test_equal_faces_make_equal_bytes(count):
    faces = [issued(FULL)] * count

    assert render_pdf(faces) == render_pdf(faces)


def test_different_faces_make_different_bytes():
    assert render_pdf([issued(INDIVIDUAL)]) != render_pdf([issued(COMPANY)])


@pytest.mark.parametrize("ppi", [300, 600])
def test_qr_code_is_read_back_from_the_picture(ppi):
    (code,) = zxingcpp.read_barcodes(image(render_png(issued(FULL), Side.BACK, ppi)))

    assert (code.text, code.format) == (VERIFICATION, zxingcpp.BarcodeFormat.QRCode)


def test_preview_has_no_qr_code_and_no_via():
    face = compose(INDIVIDUAL, on=ON)

    assert zxingcpp.read_barcodes(image(render_png(face, Side.BACK))) == []
    assert "via" not in texts(render_pdf([face]))[1]


@pytest.mark.parametrize(("ppi", "size"), [(300, (1011, 638)), (600, (2022, 1275))])
def test_png_has_the_pixels_of_a_card(ppi, size):
    assert image(render_png(issued(LEAST), Side.FRONT, ppi)).size == size


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("name", golden.FACES)
def test_render_is_the_one_that_was_looked_at(name, side):
    assert golden.difference(golden.side_of(name, side), golden.path(name, side)) <= 0.001


AREAS = {  # of a side at 300 ppi: where one colour of paper lies, and which edges of the card it touches
    "header": (Side.FRONT, (0, 0, 1011, 140), "white", (True, True, True, False)),
    "band": (Side.FRONT, (0, 145, 1011, 362), "#084f48", (True, False, True, False)),
    "front": (Side.FRONT, (0, 380, 1011, 638), "white", (True, False, True, True)),
    "back": (Side.BACK, (0, 20, 1011, 522), "white", (True, False, True, False)),
    "footer": (Side.BACK, (0, 530, 1011, 638), "#e8f2ef", (True, False, True, True)),
}


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("name", EVERY_CASE)
def test_texts_keep_3_mm_from_the_edge(name, area):
    side, box, paper, edges = AREAS[area]
    part = image(render_png(issued(EVERY_CASE[name]), side, 300)).crop(box)

    left, top, right, bottom = ink(part, paper)

    room = (left, top, part.width - right, part.height - bottom)
    assert [round(gap / 300 * 25.4, 1) for gap, edge in zip(room, edges, strict=True) if edge and gap < SAFE_PX] == []


def test_svg_has_a_front_and_a_back():
    front, back = render_svg(issued(INDIVIDUAL))

    assert [side.startswith("<svg") and 'viewBox="0 0 242.6' in side for side in (front, back)] == [True, True]
    assert front != back


@pytest.mark.parametrize("subject", EVERY_CASE.values(), ids=EVERY_CASE)
def test_every_case_fits(subject):
    assert sentences(subject) == []


@pytest.mark.parametrize(
    "name",
    [
        "Maria " * 11 + "José",
        "A " * 34 + "B",
        "D'Ávila D’Água de Sant'Anna e Sá",
        "Wolfeschlegelsteinhausenbergerdorff Wolfeschlegelsteinhausenberger",
        "MARIA APARECIDA DA CONCEIÇÃO ALBUQUERQUE CAVALCANTI DE VASCONCELOS SÁ",
        "Ó",
    ],
)
def test_long_and_odd_names_fit_and_stay_whole(name):
    front, _ = texts(render_pdf([issued(named(name))]))

    assert name.strip() in front
    assert sentences(named(name)) == []


def test_a_name_is_text_and_never_markup():
    name = "#panic(1) *Ana* $x$ @Sá [Exemplo] \\ _a_ //"

    assert name in texts(render_pdf([issued(named(name))]))[0]


@pytest.mark.parametrize(
    ("subject", "defects"),
    [
        (
            named("W" * 70),
            [("name", "“Nome do beneficiário” não cabe no cartão: abrevie no cadastro da pessoa.")],
        ),
        (
            replace(INDIVIDUAL, social_name="Ana " * 40),
            [
                (
                    "social_name",
                    "“Nome social do beneficiário” não cabe no cartão: abrevie no cadastro da pessoa.",
                )
            ],
        ),
        (
            replace(PRE_LAW, plan_name="Plano de " * 20),
            [
                (
                    "plan_name",
                    "“Nome do plano de saúde” não cabe no cartão: abrevie no cadastro do plano.",
                )
            ],
        ),
        (
            replace(FULL, company_legal_name="Associação " * 60),
            [
                (
                    "company",
                    f"“{item('company').label}” não cabe no cartão: abrevie no cadastro da empresa contratante.",
                )
            ],
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(subject, defects):
    assert sentences(subject) == defects


def test_misfits_are_told_by_the_position_of_their_face():
    faces = [compose(INDIVIDUAL, on=ON)] * (CARDS_PER_DOCUMENT + 1) + [compose(named("W" * 70), on=ON)]

    assert [(position, [defect.key for defect in found]) for position, found in misfits(faces).items()] == [
        (CARDS_PER_DOCUMENT + 1, ["name"])
    ]


def test_rendering_refuses_what_misfits_would_tell():
    with pytest.raises(DoesNotFit) as refusal:
        render_pdf([issued(named("W" * 70))])

    assert (refusal.value.key, str(refusal.value)) == ("name", "the text of name does not fit the card")


def themed():
    """A face in colours of its own with a red logo, and the logo."""
    content = BytesIO()
    Image.new("RGB", (200, 100), "#d0021b").save(content, "PNG")
    logo = read_logo(content.getvalue())
    theme = Theme("#1f3a93", "#fdf3d8", logo.sha256, logo.ratio)
    return replace(issued(INDIVIDUAL), theme=theme), {logo.sha256: logo.content}


def test_a_card_is_drawn_in_its_colours_with_its_logo():
    face, logos = themed()
    front, back = (image(render_png(face, side, 300, logos)) for side in Side)

    spots = [front.getpixel(spot) for spot in ((100, 70), (20, 300))] + [back.getpixel((20, 600))]
    assert ["#{:02x}{:02x}{:02x}".format(*spot) for spot in spots] == ["#d0021b", "#1f3a93", "#fdf3d8"]


def test_one_file_holds_cards_of_several_looks_and_equal_faces_make_equal_bytes():
    face, logos = themed()
    faces = [face, issued(INDIVIDUAL), face]

    assert len(pages(render_pdf(faces, logos))) == 6
    assert render_pdf(faces, logos) == render_pdf(faces, logos)


def test_a_logo_that_is_not_given_is_never_left_out_in_silence():
    face, _ = themed()

    with pytest.raises(KeyError):
        render_pdf([face])


# ---- cards that are not for real ------------------------------------------------------------------------------------

STAMP = "TREINAMENTO"


@pytest.mark.parametrize("count", [1, CARDS_PER_DOCUMENT + 1])
@pytest.mark.parametrize("stamp", ["", STAMP])
def test_a_stamp_is_said_on_both_sides_of_every_card(count, stamp):
    faces = [issued(replace(LEAST, code=f"{index:04d}")) for index in range(count)]

    said = [STAMP in page for page in texts(render_pdf(faces, stamp=stamp))]

    assert said == [bool(stamp)] * 2 * count


@pytest.mark.parametrize("side", list(Side))
def test_a_stamp_is_seen_on_a_picture_and_leaves_the_texts_alone(side):
    plain, stamped = (image(render_png(issued(FULL), side, 150, stamp=stamp)) for stamp in ("", STAMP))

    reddened = ImageChops.subtract(plain, stamped).split()[2].getbbox()
    assert reddened[2] - reddened[0] > plain.width / 2


def test_a_stamped_card_is_still_checked_by_its_code():
    (code,) = zxingcpp.read_barcodes(image(render_png(issued(FULL), Side.BACK, 300, stamp=STAMP)))

    assert code.text == VERIFICATION


def test_a_stamp_is_on_the_screen_and_on_the_sheet_too():
    face = issued(FULL)

    assert [one == other for one, other in zip(render_svg(face), render_svg(face, stamp=STAMP), strict=True)] == [
        False,
        False,
    ]
    assert texts(render_sheet(face, stamp=STAMP))[0].count(STAMP) == 1
    assert STAMP not in texts(render_sheet(face))[0]


# ---- for printers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, CARDS_PER_DOCUMENT + 1])
def test_pdf_with_bleed_tells_where_it_is_cut(count):
    (made,) = {
        tuple(tuple(round(float(edge), 3) for edge in box) for box in (page.mediabox, page.bleedbox, page.trimbox))
        for page in pages(render_pdf([issued(LEAST)] * count, bleed=True))
    }

    whole = (0, 0, 259.654, 170.022)  # 91.60 x 59.98 mm
    assert made == (whole, whole, (8.504, 8.504, 251.150, 161.518))


def test_pdf_with_bleed_is_tagged_and_titled_as_without():
    reader = PdfReader(BytesIO(render_pdf([issued(FULL)], bleed=True)), strict=True)

    assert (reader.root_object["/MarkInfo"]["/Marked"], reader.root_object["/Lang"]) == (True, "pt-BR")
    assert reader.metadata.title == "Cartão de identificação do beneficiário"
    assert texts(render_pdf([issued(FULL)], bleed=True)) == texts(render_pdf([issued(FULL)]))


def test_pdf_without_bleed_is_cut_nowhere():
    assert ["/TrimBox" in page for page in pages(render_pdf([issued(LEAST)]))] == [False, False]


@pytest.mark.parametrize("ppi", [300, 600])
def test_pictures_tell_how_large_they_are(ppi):
    picture = Image.open(BytesIO(render_png(issued(LEAST), Side.FRONT, ppi)))

    assert [round(points) for points in picture.info["dpi"]] == [ppi, ppi]
    assert [round(points / ppi * 25.4, 1) for points in picture.size] == [85.6, 54.0]
