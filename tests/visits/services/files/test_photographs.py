"""Photographs from outside: bounded before they are decoded, and drawn anew without anything hidden."""

import io

import pytest
from PIL import Image

from backoffice.core.errors import InvalidInput
from tests.factories.visits import photo
from visits.services.files.photographs import encoded_photo, opened_photo, portrait, upright_photo


def drawn(size=(1200, 900), form="PNG", **save):
    buffer = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(buffer, format=form, **save)
    return buffer.getvalue()


def test_a_portrait_is_small_and_says_nothing_of_camera_or_place():
    content = portrait(content=photo(seed=1))

    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (512, 512), {})
    assert max(Image.open(io.BytesIO(portrait(content=drawn()))).size) == 640


def test_a_picture_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    image = opened_photo(content=drawn((400, 200), "JPEG", exif=exif))

    assert upright_photo(image=image, pixels=640).size == (200, 400)


@pytest.mark.parametrize("content", [b"", b"GIF89a", photo(seed=2)[:400], b"%PDF-1.7"])
def test_what_is_no_whole_photograph_is_refused(content):
    with pytest.raises(InvalidInput):
        portrait(content=content)


def test_pixels_and_bytes_are_bounded(settings):
    settings.EVIDENCE_PIXELS_MAX = 100 * 100
    assert portrait(content=drawn((100, 100)))
    for content in (drawn((101, 100)), b"\xff\xd8\xff" + bytes(5 * 1024 * 1024)):
        with pytest.raises(InvalidInput):
            portrait(content=content)


def test_only_the_pixels_are_encoded():
    image = Image.new("RGB", (3, 2))
    image.info["comment"] = b"hidden"

    assert b"hidden" not in encoded_photo(image=image)
