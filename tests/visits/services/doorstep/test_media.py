"""Reading a file that a crew sent: its type, its pixels before decoding, and what the camera wrote."""

import io
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from PIL import Image

from backoffice.core.errors import InvalidInput
from tests.factories.visits import HOME, VISIT_AT, photo
from visits.services.doorstep import media
from visits.services.doorstep.media import check_photo_header, media_type_of, read_photo


def picture(*, size, mode="RGB", form="JPEG", **options):
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, format=form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (picture(size=(8, 8)), "image/jpeg"),
        (picture(size=(8, 8), form="PNG"), "image/png"),
        (b"\x00\x00\x00\x18ftypM4A " + b"0" * 9, "audio/mp4"),
        (b"\x00\x00\x00\x18ftypisom" + b"0" * 9, "video/mp4"),
        (b"\x1aE\xdf\xa3\x9fB\x82\x84webm" + b"A_OPUS", "audio/webm"),
        (b"OggS\x00\x02" + b"0" * 22 + b"OpusHead", "audio/ogg"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"\xff\xf9\x50\x80", "audio/aac"),
        (b"#!AMR\n<", "audio/amr"),
        (b"#!AMR-WB\n<", "audio/amr"),
    ],
)
def test_a_type_follows_from_the_first_bytes(content, found):
    assert media_type_of(content=content) == found


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"hevc", b"avif"])
def test_a_photograph_that_cannot_be_read_is_refused_with_what_to_send_instead(brand):
    with pytest.raises(InvalidInput, match="JPEG"):
        media_type_of(content=b"\x00\x00\x00\x18ftyp" + brand + b"0" * 9)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg/>",
        b"PK\x03\x04",
        b"\xff\xd8\xff" + b"0" * (15 << 20),
        b"#!AMR\n" + b"0" * (20 << 20),
        b"\x1aE\xdf\xa3\x9fB\x82\x84webm" + b"V_VP9" + b"A_OPUS",
        b"\x1aE\xdf\xa3\x9fB\x82\x88matroska",
        b"OggS\x00\x02" + b"0" * 22 + b"\x80theora",
        b"\xff\xff\xff\xff",
        b"\xff",
    ],
)
def test_other_types_and_larger_files_are_refused(content):
    with pytest.raises(InvalidInput):
        media_type_of(content=content)


@pytest.mark.parametrize(("size", "fits"), [((100, 100), True), ((101, 100), False), ((100, 101), False)])
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_pixels_are_counted_from_the_header(size, fits, form, settings):
    settings.EVIDENCE_PIXELS_MAX = 10_000
    content = picture(size=size, form=form)

    for look in (check_photo_header, read_photo):
        with nullcontext() if fits else pytest.raises(InvalidInput, match=r"像素|pixels"):
            look(content=content)


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_header_is_checked_without_the_pixels_behind_it(form):
    whole = picture(size=(600, 600), mode="L", form=form)
    cut = whole[: len(whole) // 2]

    check_photo_header(content=cut)

    with pytest.raises(InvalidInput):
        read_photo(content=cut)


def test_the_pictures_of_an_animation_count_together(settings):
    settings.EVIDENCE_PIXELS_MAX = 10_000
    frames = [Image.new("RGB", (60, 60), (n * 40, 0, 0)) for n in range(3)]
    content = picture(size=(60, 60), form="PNG", save_all=True, append_images=frames)

    with pytest.raises(InvalidInput, match=r"像素|pixels"):
        read_photo(content=content)


def test_a_small_file_of_sixty_million_pixels_is_refused_without_decoding(monkeypatch):
    content = picture(size=(10_000, 6_000), mode="1", form="PNG", optimize=False)

    def decoded(*_args, **_kwargs):
        raise AssertionError("decoded")

    monkeypatch.setattr(media.Image.Image, "convert", decoded)

    assert len(content) < 100_000
    with pytest.raises(InvalidInput, match=r"像素|pixels"):
        read_photo(content=content)


@pytest.mark.parametrize("content", [b"\xff\xd8\xff" + b"0" * 100, b"\x89PNG\r\n\x1a\n" + b"0" * 100])
def test_a_broken_header_is_refused(content):
    for look in (check_photo_header, read_photo):
        with pytest.raises(InvalidInput):
            look(content=content)


def test_what_the_camera_wrote_is_read_and_does_not_reach_the_copy():
    reading = read_photo(content=photo(seed=1))

    assert (reading.camera, reading.taken_at, reading.has_camera_data) == (
        "Doorstep Camera 1",
        VISIT_AT.replace(microsecond=0),
        True,
    )
    assert (round(reading.latitude, 4), round(reading.longitude, 4)) == (round(HOME[0], 4), round(HOME[1], 4))
    assert dict(Image.open(io.BytesIO(reading.preview)).getexif()) == {}


def test_a_time_without_a_zone_is_the_official_one():
    exif = Image.Exif()
    exif[0x0132] = "2026:03:04 10:30:00"

    reading = read_photo(content=picture(size=(64, 64), exif=exif))

    assert reading.taken_at == datetime(2026, 3, 4, 2, 30, tzinfo=UTC)


def test_a_large_photograph_gives_a_copy_of_sixteen_hundred_pixels():
    reading = read_photo(content=picture(size=(6_400, 4_800)))

    assert Image.open(io.BytesIO(reading.preview)).size == (1_600, 1_200)
