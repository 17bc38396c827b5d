"""Copies of drawn photographs after what people do to pictures: each comes within the distance of the original's hashes."""

import io
from datetime import UTC, datetime
from itertools import combinations

import pytest
from PIL import Image, ImageEnhance, ImageOps

from backoffice.demo.photographs import Scene, photograph
from visits.rules.report.lookalikes import LOOKALIKE_BITS
from visits.services.files.prints import photo_prints

KINDS = ("STREET", "BUILDING", "DOOR", "DOCUMENT")


def drawn(kind, seed=7):
    at = datetime(2026, 3, 4, tzinfo=UTC)
    content = photograph(scene=Scene(kind=kind, seed=seed, caption="V1"), taken_at=at, point=(31.0, 121.0))
    return Image.open(io.BytesIO(content)).convert("RGB")


def middle(picture, share):
    wide, high = int(picture.width * share), int(picture.height * share)
    left, top = (picture.width - wide) // 2, (picture.height - high) // 2
    return picture.crop((left, top, left + wide, top + high))


def with_strip(picture, *, above):
    high = picture.height // 10
    larger = Image.new("RGB", (picture.width, picture.height + high), (255, 255, 255))
    larger.paste(picture, (0, high if above else 0))
    return larger


TRICKS = {
    "half": lambda p: p.resize((p.width // 2, p.height // 2)),
    "brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.3),
    "darker": lambda p: ImageEnhance.Brightness(p).enhance(0.7),
    "crop 90": lambda p: middle(p, 0.9),
    "crop 80": lambda p: middle(p, 0.8),
    "border": lambda p: ImageOps.expand(p, border=p.width // 16, fill=(255, 255, 255)),
    "strip above": lambda p: with_strip(p, above=True),
    "strip below": lambda p: with_strip(p, above=False),
    "mirrored": ImageOps.mirror,
    "upside down": lambda p: p.rotate(180),
    "a quarter turn": lambda p: p.rotate(90, expand=True),
    "mirrored crop": lambda p: ImageOps.mirror(middle(p, 0.8)),
}


def encoded(picture, quality=50):
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")


def nearest(asked, filed):
    return min(
        (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
        for one in (*asked.asked, *asked.turned)
        for other in filed.filed.values()
    )


@pytest.mark.parametrize("trick", sorted(TRICKS))
def test_a_copy_is_near_whichever_came_first(trick):
    for kind in KINDS:
        original = photo_prints(image=drawn(kind))
        copy = photo_prints(image=encoded(TRICKS[trick](drawn(kind))))

        assert nearest(copy, original) <= LOOKALIKE_BITS, kind
        if trick != "mirrored crop":
            assert nearest(original, copy) <= LOOKALIKE_BITS, kind


def test_different_pictures_are_not_near():
    prints = [photo_prints(image=drawn(kind, seed)) for kind in KINDS for seed in range(3)]

    assert [nearest(*pair) for pair in combinations(prints, 2) if nearest(*pair) <= LOOKALIKE_BITS] == []


def test_a_flat_picture_has_no_hash():
    prints = photo_prints(image=Image.new("RGB", (640, 480), (201, 200, 199)))

    assert (dict(prints.filed), prints.asked, prints.turned) == ({}, (), ())
