import random
import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from cards.domain.logos import MAX_SIZE_PIXELS, InvalidLogo, Picture, read_logo


def picture(size=(300, 100), form="PNG", mode="RGB", colour=120, **options):
    content = BytesIO()
    Image.new(mode, size, colour).save(content, form, **options)
    return content.getvalue()


def bomb(width, height):
    """A PNG that says it is this large and holds almost nothing."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "RGB"), ("PNG", "P"), ("PNG", "L"), ("JPEG", "RGB"), ("JPEG", "CMYK")]
)
def test_png_and_jpeg_are_written_anew_as_png(form, mode):
    made = read_logo(picture(form=form, mode=mode))

    again = Image.open(BytesIO(made.content))
    assert (again.format, again.mode, again.size, made.ratio) == ("PNG", "RGBA", (300, 100), 3.0)


def test_nothing_but_pixels_is_kept():
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "Maria Exemplo")
    made = read_logo(picture(pnginfo=told))

    assert b"Maria Exemplo" not in made.content
    assert Image.open(BytesIO(made.content)).info == {}


def test_equal_pictures_have_equal_bytes_and_name():
    assert read_logo(picture()) == read_logo(picture())


def test_the_transparent_margin_of_a_picture_is_cut_off():
    content, drawn = BytesIO(), Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    drawn.paste((200, 0, 0, 255), (60, 50, 160, 100))
    drawn.save(content, "PNG")

    made = read_logo(content.getvalue())

    assert (Image.open(BytesIO(made.content)).size, made.ratio) == ((100, 50), 2.0)


def test_a_picture_that_shows_nothing_is_refused():
    with pytest.raises(InvalidLogo, match="tudo nela é transparente"):
        read_logo(picture(mode="RGBA", colour=(0, 0, 0, 0)))


def test_a_large_picture_is_made_smaller():
    assert Image.open(BytesIO(read_logo(picture((1900, 700))).content)).size[0] == MAX_SIZE_PIXELS[0]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "O arquivo não é uma imagem PNG ou JPEG. Exporte o logotipo em PNG e envie de novo."),
        (
            b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
            "O arquivo não é uma imagem PNG ou JPEG. Exporte o logotipo em PNG e envie de novo.",
        ),
        (picture(form="GIF"), "O arquivo não é uma imagem PNG ou JPEG. Exporte o logotipo em PNG e envie de novo."),
        (picture()[:90], "A imagem está cortada ou danificada. Exporte o logotipo de novo, em PNG."),
        (bomb(3000, 3000), "O logotipo tem mais de 4 milhões de pontos. Diminua a imagem e envie de novo."),
        (bomb(60000, 60000), "O logotipo tem mais de 4 milhões de pontos. Diminua a imagem e envie de novo."),
        (bytes(1024 * 1024 + 1), "O arquivo do logotipo passa de 1 MB. Diminua a imagem e envie de novo."),
        (
            picture((900, 20)),
            "O logotipo é comprido demais: a largura deve ficar entre 1/4 e 8 vezes a altura.",
        ),
    ],
    ids=["empty", "svg", "gif", "cut", "large", "bomb", "heavy", "long"],
)
def test_what_is_no_logo_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(InvalidLogo) as refusal:
        read_logo(content)

    assert str(refusal.value) == sentence


def _with_sums(content):
    """The PNG with right checksums, so that what was changed reaches the decoder."""
    made, at = bytearray(content[:8]), 8
    while at + 12 <= len(content):
        end = at + 8 + struct.unpack(">I", content[at : at + 4])[0]
        made += content[at:end] + struct.pack(">I", zlib.crc32(content[at + 4 : end]))
        at = end + 4
    return bytes(made)


def _changed(seed):
    chance = random.Random(seed)
    form, mode = chance.choice([("PNG", "RGB"), ("PNG", "P"), ("PNG", "RGBA"), ("JPEG", "RGB"), ("JPEG", "CMYK")])
    content = bytearray(picture((64, 48), form, mode))
    for _ in range(chance.randrange(1, 6)):
        content[chance.randrange(8, min(len(content), 300))] = chance.randrange(256)
    return _with_sums(bytes(content)) if form == "PNG" and chance.random() < 0.8 else bytes(content)


def test_a_damaged_or_hostile_picture_is_a_logo_or_a_sentence():
    ends = set()
    for seed in range(600):
        try:
            ends.add(type(read_logo(_changed(seed))))
        except InvalidLogo:
            ends.add(InvalidLogo)

    assert ends == {InvalidLogo, Picture}


@pytest.mark.parametrize(
    "chunk",
    [b"IHDR" + b"\0" * 5, b"acTL\0", b"pHYs\0", b"tRNS", b"iCCP" + b"x" * 90, b"iTXt\xff\xff", b"eXIf" + b"\xff" * 9],
)
def test_a_part_of_a_picture_that_cannot_be_read_ends_in_no_error(chunk):
    whole = picture()
    part = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))

    with suppress(InvalidLogo):
        assert read_logo(whole[:33] + part + whole[33:]).ratio == 3.0
