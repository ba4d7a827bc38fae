"""QR codes: read back as what they say, with the mask that the standard's rules choose."""

from io import BytesIO

import typst
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from cards.render.qr_code import QUIET_MODULES, code, svg, svg_on_white

SCALE = 4
NAMES = st.text(st.characters(codec="ascii", categories=["Lu", "Ll", "Nd"], include_characters="-_"), min_size=1)
ADDRESSES = st.builds("https://{}.invalid/v/{}".format, NAMES, NAMES).filter(lambda text: len(text) < 150)


def rectangles(path):
    numbers = [int(word) for word in path.split() if word != "re"]
    return [tuple(numbers[at : at + 4]) for at in range(0, len(numbers), 4)]


def drawn(text):
    size, path = code(text)
    picture = Image.new("L", [size + 2 * QUIET_MODULES] * 2, 255)
    for x, y, wide, high in rectangles(path):
        ImageDraw.Draw(picture).rectangle(
            (x + QUIET_MODULES, y + QUIET_MODULES, x + QUIET_MODULES + wide - 1, y + QUIET_MODULES + high - 1), fill=0
        )
    return picture


@given(ADDRESSES)
def test_a_code_says_its_text(text):
    picture = drawn(text)

    (found,) = zxingcpp.read_barcodes(picture.resize([side * SCALE for side in picture.size], Image.Resampling.NEAREST))

    assert (found.text, found.ec_level, found.format) == (text, "M", zxingcpp.BarcodeFormat.QRCode)


@given(ADDRESSES)
def test_a_code_is_the_one_of_an_encoder_that_judges_the_masks_by_itself(text):
    judged = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_image()

    assert drawn(text).tobytes() == memoryview(judged).tobytes()


def test_a_code_of_svg_is_the_same_path():
    text = "https://exemplo.invalid/v/0123456789abcdefABCDEF"
    size, path = code(text)

    shape = "".join(f"M{x} {y}h{wide}v{high}h-{wide}z" for x, y, wide, high in rectangles(path))

    assert svg(text) == (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{shape}"/></svg>'
    )


def test_on_a_screen_it_has_its_quiet_zone_in_white():
    text = "https://exemplo.invalid/v/0123456789abcdefABCDEF"
    size, _ = code(text)
    side = size + 2 * QUIET_MODULES

    ground = f'<path fill="#fff" d="M-{QUIET_MODULES} -{QUIET_MODULES}h{side}v{side}h-{side}z"/>'
    assert svg_on_white(text) == svg(text).replace(
        f'viewBox="0 0 {size} {size}">', f'viewBox="-{QUIET_MODULES} -{QUIET_MODULES} {side} {side}">{ground}'
    )


def test_the_picture_for_a_screen_is_read_back():
    text = "https://exemplo.invalid/v/0123456789abcdefABCDEF"
    page = f"#set page(width: 60mm, height: 60mm, margin: 0pt, fill: black)\n#image(bytes(`{svg_on_white(text)}`.text))"

    picture = Image.open(BytesIO(typst.compile(page.encode(), format="png", ppi=200)))

    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [text]
