"""Makes an uploaded logo safe: PNG or JPEG only, within limits, written again as nothing but pixels.

SVG is not taken: it can carry scripts and addresses, and there is no maintained way to prove that one does not. Pure.
"""

from hashlib import sha256
from io import BytesIO
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

MAX_BYTES = 1024 * 1024
MAX_PIXELS = 4_000_000
MAX_SIZE_PIXELS = (900, 450)  # a logo is 26 mm wide at most: enough for 600 dpi
MIN_RATIO = 1 / 4
MAX_RATIO = 8


class InvalidLogo(ValueError):
    """The sentence says what is wrong with the file and what to do."""


class Picture(NamedTuple):
    content: bytes  # PNG
    sha256: str
    ratio: float  # width by height


def read_logo(content: bytes) -> Picture:
    """The picture, re-encoded; raises InvalidLogo."""
    if len(content) > MAX_BYTES:
        raise InvalidLogo("O arquivo do logotipo passa de 1 MB. Diminua a imagem e envie de novo.")
    image = _trimmed(_opened(content))
    ratio = image.width / image.height
    if not MIN_RATIO <= ratio <= MAX_RATIO:
        raise InvalidLogo("O logotipo é comprido demais: a largura deve ficar entre 1/4 e 8 vezes a altura.")
    image.thumbnail(MAX_SIZE_PIXELS)
    plain = Image.new("RGBA", image.size)
    plain.paste(image)
    made = BytesIO()
    plain.save(made, "PNG", optimize=True)
    return Picture(made.getvalue(), sha256(made.getvalue()).hexdigest(), round(plain.width / plain.height, 4))


def _trimmed(image: Image.Image) -> Image.Image:
    """Without the empty margin that pictures are often exported with, and that would push the logo from its place."""
    if (box := image.getbbox()) is None:
        raise InvalidLogo("A imagem está em branco: tudo nela é transparente. Escolha outra.")
    return image.crop(box)


def _few(image: Image.Image) -> Image.Image:
    """Its points are counted before anything is unpacked."""
    if image.width * image.height > MAX_PIXELS:
        raise Image.DecompressionBombError
    return image


def _opened(content: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(content), formats=["PNG", "JPEG"]) as image:
            return _few(image).convert("RGBA")
    except UnidentifiedImageError as error:
        raise InvalidLogo(
            "O arquivo não é uma imagem PNG ou JPEG. Exporte o logotipo em PNG e envie de novo."
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidLogo("O logotipo tem mais de 4 milhões de pontos. Diminua a imagem e envie de novo.") from error
    except Exception as error:
        raise InvalidLogo("A imagem está cortada ou danificada. Exporte o logotipo de novo, em PNG.") from error
