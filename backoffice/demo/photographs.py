"""Drawn photographs for simulated visits, with the EXIF data that a telephone's camera writes or that a cheat leaves."""

import io
import random
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from fractions import Fraction
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 960, 720
CAMERA = ("HUAWEI", "ALN-AL80")


class Trick(Enum):
    """Ways in which a crew can cheat with photographs."""

    NONE = "none"
    GALLERY = "gallery"  # no camera data: a picture that was forwarded
    EDITED = "edited"  # passed through editing software
    ELSEWHERE = "elsewhere"  # taken three kilometres away
    EARLIER = "earlier"  # taken days before the visit
    RECYCLED = "recycled"  # the same scene as at another door


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the picture shows; the same seed draws the same place."""

    kind: str
    seed: int
    caption: str


def photograph(*, scene: Scene, taken_at: datetime, point: tuple[float, float], trick: Trick = Trick.NONE) -> bytes:
    """
    Draw a photograph and return it as JPEG with EXIF.

    `point` is latitude and longitude in degrees; EXIF carries local time of Shanghai, as telephones do.
    """
    picture = _draw(scene)
    buffer = io.BytesIO()
    if trick is Trick.GALLERY:
        picture.save(buffer, "JPEG", quality=82)
        return buffer.getvalue()
    if trick is Trick.ELSEWHERE:
        point = (point[0] + 0.027, point[1] + 0.004)
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = CAMERA
    exif[ExifTags.Base.Software] = "Adobe Photoshop 25.0" if trick is Trick.EDITED else "ALN-AL80 4.2.0.130"
    local = taken_at.astimezone(ZoneInfo("Asia/Shanghai"))
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = local.strftime("%Y:%m:%d %H:%M:%S")
    details[ExifTags.Base.OffsetTimeOriginal] = "+08:00"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", _degrees(point[0])
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", _degrees(point[1])
    place[ExifTags.GPS.GPSHPositioningError] = Fraction(12, 1)
    picture.save(buffer, "JPEG", quality=82, exif=exif)
    return buffer.getvalue()


def _degrees(value: float) -> tuple[Fraction, Fraction, Fraction]:
    whole = int(value)
    minutes = int((value - whole) * 60)
    seconds = Fraction(round((value - whole - minutes / 60) * 3600 * 1000), 1000)
    return Fraction(whole), Fraction(minutes), seconds


def _draw(scene: Scene) -> Image.Image:
    dice = random.Random(f"{scene.kind}-{scene.seed}")
    sky = (dice.randint(140, 200), dice.randint(170, 215), dice.randint(205, 245))
    picture = Image.new("RGB", (WIDTH, HEIGHT), sky)
    brush = ImageDraw.Draw(picture)
    ground = dice.randint(520, 610)
    brush.rectangle((0, ground, WIDTH, HEIGHT), fill=(dice.randint(90, 140),) * 3)
    {"STREET": _street, "BUILDING": _building, "DOOR": _door}.get(scene.kind, _paper)(brush, dice, ground)
    brush.rectangle((0, HEIGHT - 44, WIDTH, HEIGHT), fill=(20, 20, 20))
    brush.text((16, HEIGHT - 38), scene.caption, fill=(240, 240, 240), font=_font(24))
    # Noise, so that two pictures of one place differ in their bytes.
    noise = Image.effect_noise((WIDTH, HEIGHT), 18).convert("RGB")
    return Image.blend(picture, noise, 0.08)


def _street(brush: ImageDraw.ImageDraw, dice: random.Random, ground: int) -> None:
    left = 0
    while left < WIDTH:
        width, height = dice.randint(90, 220), dice.randint(160, 430)
        shade = tuple(dice.randint(120, 210) for _ in range(3))
        brush.rectangle((left, ground - height, left + width, ground), fill=shade, outline=(80, 80, 80))
        _windows(brush, dice, (left, ground - height, left + width, ground))
        left += width + dice.randint(0, 40)
    gate = dice.randint(200, 600)
    brush.rectangle((gate, ground - 120, gate + 200, ground - 86), fill=(150, 40, 40))
    brush.text((gate + 30, ground - 118), f"示范小区 {dice.randint(1, 30)}区", fill=(255, 240, 200), font=_font(26))


def _building(brush: ImageDraw.ImageDraw, dice: random.Random, ground: int) -> None:
    left, right, top = dice.randint(60, 220), dice.randint(720, 900), dice.randint(40, 140)
    brush.rectangle((left, top, right, ground), fill=tuple(dice.randint(130, 215) for _ in range(3)))
    _windows(brush, dice, (left, top, right, ground))
    brush.rectangle((left + 30, top + 24, left + 190, top + 80), fill=(30, 60, 130))
    brush.text((left + 44, top + 32), f"{dice.randint(1, 60)}号楼", fill=(255, 255, 255), font=_font(34))


def _door(brush: ImageDraw.ImageDraw, dice: random.Random, ground: int) -> None:
    brush.rectangle((0, 0, WIDTH, ground), fill=tuple(dice.randint(190, 235) for _ in range(3)))
    _clutter(brush, dice, ground)
    left = dice.randint(60, 620)
    brush.rectangle((left, 120, left + 280, ground), fill=tuple(dice.randint(50, 140) for _ in range(3)), width=6)
    for panel in range(dice.randint(2, 4)):
        top = 150 + panel * 120
        brush.rectangle((left + 30, top, left + 250, top + 90), outline=(30, 30, 30), width=4)
    brush.ellipse((left + 240, 360, left + 262, 382), fill=(200, 180, 90))
    brush.rectangle((left + 90, 60, left + 200, 106), fill=(35, 35, 90))
    brush.text((left + 108, 64), str(dice.randint(101, 2904)), fill=(255, 255, 255), font=_font(34))


def _paper(brush: ImageDraw.ImageDraw, dice: random.Random, ground: int) -> None:
    brush.rectangle((0, 0, WIDTH, HEIGHT), fill=(dice.randint(110, 160), dice.randint(90, 120), dice.randint(60, 90)))
    _clutter(brush, dice, HEIGHT)
    left, top = dice.randint(20, 370), dice.randint(20, 190)
    brush.rectangle((left, top, left + 560, top + 480), fill=(250, 248, 240), outline=(120, 120, 120))
    for line in range(dice.randint(9, 14)):
        length = dice.randint(180, 480)
        brush.rectangle(
            (left + 40, top + 70 + line * 28, left + 40 + length, top + 80 + line * 28), fill=(150, 150, 150)
        )
    brush.ellipse((left + 380, top + 340, left + 510, top + 470), outline=(190, 40, 40), width=8)


def _clutter(brush: ImageDraw.ImageDraw, dice: random.Random, ground: int) -> None:
    """Draw objects of a stairwell, so that two places differ in their perceptual hash."""
    for _thing in range(dice.randint(9, 14)):
        left, top = dice.randint(-40, WIDTH - 80), dice.randint(-40, ground - 60)
        right, bottom = left + dice.randint(70, 330), min(ground, top + dice.randint(60, 300))
        shade = (dice.randint(20, 245), dice.randint(20, 245), dice.randint(20, 245))
        draw = brush.ellipse if dice.random() < 0.3 else brush.rectangle
        draw((left, top, right, bottom), fill=shade)


def _windows(brush: ImageDraw.ImageDraw, dice: random.Random, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    for row in range(top + 100, bottom - 50, 62):
        for column in range(left + 22, right - 40, 58):
            lit = dice.random() < 0.3
            brush.rectangle((column, row, column + 32, row + 38), fill=(240, 220, 140) if lit else (70, 90, 120))


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    import pylopdf_fonts_zh_cn  # noqa: PLC0415 - a font of several megabytes, only for drawing

    return ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), size)
