"""Photographs from outside: what they are by their first bytes, opened within bounds, and drawn anew without metadata."""

import io
import warnings
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from backoffice.core.errors import InvalidInput

# What the decoder raises for a file that is none, or broken.
UNREADABLE: Final = (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError)
PORTRAIT_BYTES: Final = 5 * 1024 * 1024
PORTRAIT_PIXELS: Final = 640


def opened_photo(*, content: bytes) -> Image.Image:
    """
    Return a photograph (JPEG, PNG) with its header read and its pixels not decoded yet.

    :raises InvalidInput: if it cannot be read, or announces more than `settings.EVIDENCE_PIXELS_MAX` pixels.
    """
    try:
        with warnings.catch_warnings():
            # The bound below is what refuses.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
        pictures = max(1, getattr(image, "n_frames", 1))
    except Image.DecompressionBombError as error:
        raise InvalidInput(_("The photograph has too many pixels."), field="content") from error
    except UNREADABLE as error:
        raise InvalidInput(_("The photograph cannot be read; take it again."), field="content") from error
    if image.width * image.height * pictures > settings.EVIDENCE_PIXELS_MAX:
        raise InvalidInput(_("The photograph has too many pixels."), field="content")
    return image


def upright_photo(*, image: Image.Image, pixels: int) -> Image.Image:
    """
    Return an opened photograph decoded, turned upright, in colour, at most `pixels` wide and high.

    :raises InvalidInput: if it cannot be decoded.
    """
    try:
        if image.mode == "1":
            # Shrinking needs shades of grey; three colours of every pixel would take four times as much memory.
            image = image.convert("L")
        # Lets the JPEG decoder itself leave out pixels that the copy does not need.
        image.draft("RGB", (pixels, pixels))
        image.thumbnail((pixels, pixels))
        return ImageOps.exif_transpose(image).convert("RGB")
    except UNREADABLE as error:
        raise InvalidInput(_("The photograph cannot be read; take it again."), field="content") from error


def encoded_photo(*, image: Image.Image) -> bytes:
    """Return the pixels of a decoded photograph as JPEG and nothing else of it."""
    buffer = io.BytesIO()
    # A new image, so that nothing of the old one's metadata can travel along.
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    clean.save(buffer, format="JPEG", quality=82)
    return buffer.getvalue()


def portrait(*, content: bytes) -> bytes:
    """
    Return a person's photograph drawn anew as JPEG of at most 640 x 640 pixels, without metadata.

    :raises InvalidInput: if it is larger than 5 MB, has too many pixels or cannot be read.
    """
    if len(content) > PORTRAIT_BYTES:
        raise InvalidInput(_("The photograph is too large; send at most 5 MB."), field="content")
    return encoded_photo(image=upright_photo(image=opened_photo(content=content), pixels=PORTRAIT_PIXELS))
