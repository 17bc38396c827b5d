"""Private files: saved under their name, never run by a browser, and previews drawn anew."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile
from django.http import Http404
from PIL import Image, ImageDraw

from backoffice.core.pages.private import PREVIEW_PIXELS, download, preview
from tests.factories.visits import VISIT_AT, photo
from visits.models import Evidence

GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
}


def image(size=(1600, 800), *, form="JPEG", **saved):
    """Return an image file whose left half is red and whose right half is blue."""
    picture = Image.new("RGB", size, "blue")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2, size[1]), fill="red")
    buffer = io.BytesIO()
    picture.save(buffer, form, **saved)
    return ContentFile(buffer.getvalue(), name="kept")


def drawn(answer):
    return Image.open(io.BytesIO(answer.content))


def guards(answer):
    return {name: answer[name] for name in GUARDS}


def test_a_file_is_saved_under_its_name_and_never_shown_or_kept():
    answer = download(
        file=ContentFile(b"<script>", name="kept"), name="上海 1.html", media_type="application/octet-stream"
    )

    assert b"".join(answer.streaming_content) == b"<script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E4%B8%8A%E6%B5%B7%201.html"
    assert guards(answer) == GUARDS


def test_the_name_of_a_file_cannot_add_a_header():
    answer = download(file=ContentFile(b"x", name="kept"), name='a"; filename="b.exe', media_type="text/plain")

    assert answer["Content-Disposition"] == 'attachment; filename="a\\"; filename=\\"b.exe"'


@pytest.mark.parametrize(
    "show",
    [
        lambda file: download(file=file, name="x", media_type="image/jpeg"),
        lambda file: preview(file=file, media_type="image/jpeg"),
    ],
)
def test_a_file_that_is_not_there_is_404(show):
    field = Evidence._meta.get_field("file")
    nothing, lost = FieldFile(Evidence(), field, ""), FieldFile(Evidence(), field, "evidence/lost.jpg")
    assert not default_storage.exists("evidence/lost.jpg")

    for file in (None, nothing, lost):
        with pytest.raises(Http404):
            show(file)


@pytest.mark.parametrize(
    ("size", "shown"),
    [((1600, 800), (640, 320)), ((800, 1600), (320, 640)), ((640, 640), (640, 640)), ((64, 48), (64, 48))],
)
def test_a_preview_is_small_and_never_enlarged(size, shown):
    answer = preview(file=image(size), media_type="image/jpeg")

    assert (drawn(answer).size, max(shown) <= PREVIEW_PIXELS) == (shown, True)
    assert answer["Content-Type"] == "image/jpeg"
    assert guards(answer) == GUARDS


def test_a_preview_passes_on_no_place_time_and_camera():
    original = photo(seed=3, taken_at=VISIT_AT, place=(31.2304, 121.4737))
    assert b"Exif" in original

    answer = preview(file=ContentFile(original, name="kept"), media_type="image/jpeg")

    assert dict(drawn(answer).getexif()) == {}
    assert [mark for mark in (b"Exif", b"Doorstep", b"2026:03:04") if mark in answer.content] == []


def test_a_preview_passes_on_no_comment():
    original = io.BytesIO()
    Image.new("RGB", (20, 20)).save(original, "JPEG", comment=b"at the door of Li")
    assert b"at the door" in original.getvalue()

    answer = preview(file=ContentFile(original.getvalue(), name="kept"), media_type="image/jpeg")

    assert b"at the door" not in answer.content


def test_a_damaged_png_has_no_preview():
    whole = io.BytesIO()
    Image.new("RGB", (60, 60), "red").save(whole, "PNG")
    # The name of the chunk that holds the pixels.
    damaged = whole.getvalue().replace(b"IDAT", b"\x00DAT")

    with pytest.raises(Http404):
        preview(file=ContentFile(damaged, name="kept"), media_type="image/png")


def test_a_preview_stands_upright():
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was turned by a quarter

    shown = drawn(preview(file=image((160, 80), exif=turned), media_type="image/jpeg"))

    assert shown.size == (80, 160)
    top, bottom = shown.getpixel((40, 20)), shown.getpixel((40, 140))
    assert (top[0] > 200 > top[2], bottom[2] > 200 > bottom[0]) == (True, True)


@pytest.mark.parametrize(("form", "media_type"), [("PNG", "image/png"), ("WEBP", "image/webp")])
def test_a_preview_of_any_shown_kind_is_a_jpeg(form, media_type):
    assert drawn(preview(file=image((20, 20), form=form), media_type=media_type)).format == "JPEG"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", "image/jpeg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/png"),
        (b"%PDF-1.7", "image/jpeg"),
        (photo(seed=1)[:900], "image/jpeg"),
        (photo(seed=1), "image/svg+xml"),
        (photo(seed=1), "application/pdf"),
        (photo(seed=1), ""),
    ],
)
def test_what_is_no_whole_image_of_a_shown_kind_has_no_preview(content, media_type):
    with pytest.raises(Http404):
        preview(file=ContentFile(content, name="kept"), media_type=media_type)


def test_an_image_of_too_many_pixels_is_not_decoded(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)

    with pytest.raises(Http404):
        preview(file=image((16, 16)), media_type="image/jpeg")
