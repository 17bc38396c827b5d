"""Reading a file that a crew sent: its type by the first bytes, the camera's data, and a perceptual hash."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image

from backoffice.core.errors import InvalidInput
from visits.services.files.photographs import UNREADABLE, encoded_photo, opened_photo, upright_photo
from visits.services.files.prints import PhotoPrints, photo_prints

MEGABYTE = 1024 * 1024
# The largest file of each media type. An upload is held in memory as a whole.
LIMITS = {
    "image/jpeg": 15 * MEGABYTE,
    "image/png": 15 * MEGABYTE,
    "audio/mp4": 50 * MEGABYTE,
    "audio/webm": 50 * MEGABYTE,
    "audio/ogg": 50 * MEGABYTE,
    "audio/mpeg": 50 * MEGABYTE,
    "audio/aac": 50 * MEGABYTE,
    "audio/amr": 20 * MEGABYTE,
    "video/mp4": 50 * MEGABYTE,
}
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "audio/mp4": "m4a",
    "audio/webm": "webm",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "video/mp4": "mp4",
}
# The brand of a file of the ISO family says what it is; a telephone's newer photographs have these.
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif")
# What a browser's recorder names first in a file with pictures, within its header.
WEBM_PICTURES = (b"V_VP8", b"V_VP9", b"V_AV1", b"V_MPEG")
WEBM_HEADER = 64 * 1024
PREVIEW_PIXELS = 1600
OFFICIAL_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoReading:
    """The camera's data of a photograph, its copy for display and its hashes. Positions in degrees; a time without zone is the official one."""

    preview: bytes
    has_camera_data: bool
    taken_at: datetime | None
    latitude: float | None
    longitude: float | None
    accuracy_m: float | None
    camera: str
    software: str
    prints: PhotoPrints


def media_type_of(*, content: bytes) -> str:
    """
    Return the media type by the file's first bytes: JPEG, PNG, M4A, MP4, or a recording as WebM, Ogg, MP3, AAC or AMR.

    :raises InvalidInput: if it is none of them, empty, or too large for its type.
    """
    found = ""
    if content.startswith(b"\xff\xd8\xff"):
        found = "image/jpeg"
    elif content.startswith(b"\x89PNG\r\n\x1a\n"):
        found = "image/png"
    elif content[4:8] == b"ftyp":
        if content[8:12] in HEIC_BRANDS:
            raise InvalidInput(
                _("HEIC cannot be read here. Set the camera to JPEG (most compatible) and take the photograph again."),
                field="content",
            )
        found = "audio/mp4" if content[8:12] in (b"M4A ", b"M4B ") else "video/mp4"
    else:
        found = _recording_type(content)
    if not found:
        raise InvalidInput(
            _("Send a photograph (JPEG, PNG), a recording (M4A, WebM, Ogg, MP3, AAC, AMR) or a video (MP4)."),
            field="content",
        )
    if len(content) > LIMITS[found]:
        raise InvalidInput(_("The file is too large for its kind."), field="content")
    return found


def _recording_type(content: bytes) -> str:
    """Return the media type of a recording that is no M4A by its first bytes; empty if it is none."""
    if content.startswith(b"\x1aE\xdf\xa3"):
        header = content[:WEBM_HEADER]
        return "audio/webm" if b"webm" in header and not any(each in header for each in WEBM_PICTURES) else ""
    if content.startswith(b"OggS"):
        return "audio/ogg" if b"OpusHead" in content[:512] or b"\x01vorbis" in content[:512] else ""
    if content.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "audio/amr"
    if content.startswith(b"ID3"):
        return "audio/mpeg"
    if len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0:
        # The layer of a frame: 00 is AAC (ADTS, with twelve bits of sync), 01 is MP3.
        layer = content[1] & 0x06
        if layer == 0 and content[1] & 0xF0 == 0xF0:
            return "audio/aac"
        return "audio/mpeg" if layer == 0x02 else ""
    return ""


def check_photo_header(*, content: bytes) -> None:
    """
    Pass if a photograph's header can be read and announces no more than `settings.EVIDENCE_PIXELS_MAX` pixels.

    No pixel is decoded, so the rest of the file may still be broken.

    :raises InvalidInput: otherwise.
    """
    opened_photo(content=content)


def read_photo(*, content: bytes) -> PhotoReading:
    """
    Decode a photograph and return the camera's data, a copy for display without metadata, and its perceptual hashes.

    A JPEG is decoded at a scale that still gives the copy its pixels.

    :raises InvalidInput: if it cannot be decoded, or its header announces more than `settings.EVIDENCE_PIXELS_MAX` pixels.
    """
    image = opened_photo(content=content)
    try:
        exif = image.getexif()
    except UNREADABLE as error:
        raise InvalidInput(_("The photograph cannot be read; take it again."), field="content") from error
    upright = upright_photo(image=image, pixels=PREVIEW_PIXELS)
    camera_tags = exif.get_ifd(ExifTags.IFD.Exif)
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    taken_at = _taken_at(camera_tags, exif)
    latitude = _degrees(gps, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, negative="S")
    longitude = _degrees(gps, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, negative="W")
    make, model = _text(exif.get(ExifTags.Base.Make)), _text(exif.get(ExifTags.Base.Model))
    has_place = latitude is not None and longitude is not None
    return PhotoReading(
        preview=encoded_photo(image=upright),
        has_camera_data=bool(make or model or taken_at or has_place),
        taken_at=taken_at,
        latitude=latitude if has_place else None,
        longitude=longitude if has_place else None,
        accuracy_m=_number(gps.get(ExifTags.GPS.GPSHPositioningError)),
        camera=f"{make} {model}".strip()[:80],
        software=_text(exif.get(ExifTags.Base.Software))[:80],
        prints=photo_prints(image=upright),
    )


def _taken_at(camera: dict[int, object], exif: Image.Exif) -> datetime | None:
    text = _text(camera.get(ExifTags.Base.DateTimeOriginal)) or _text(exif.get(ExifTags.Base.DateTime))
    offset = _text(camera.get(ExifTags.Base.OffsetTimeOriginal))
    try:
        if offset:
            return datetime.strptime(f"{text} {offset}", "%Y:%m:%d %H:%M:%S %z")
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=OFFICIAL_ZONE)
    except ValueError:
        return None


def _degrees(gps: dict[int, object], tag: int, ref: int, *, negative: str) -> float | None:
    parts = gps.get(tag)
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    values = [_number(part) for part in parts]
    if any(value is None for value in values):
        return None
    degrees = sum(value / scale for value, scale in zip(values, (1, 60, 3600), strict=True) if value is not None)
    return -degrees if _text(gps.get(ref)).upper() == negative else degrees


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]  # a rational of the camera's, or nonsense
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if abs(number) < 1e9 else None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return str(value).replace("\x00", "").strip() if value is not None else ""
