"""
The perceptual hashes of a photograph: of the whole, without borders and strips, and of its middle; each in eight forms.

A crop, a border or a caption strip moves a picture under the hash's grid, and a few per cent already change a hash beyond
recognition. So a photograph is filed with its middle 95, 90, 85 and 80 per cent, and trimmed: a copy that was cropped around the
middle comes near one of these, and one that got a border or a strip comes near the trimmed one. The figures are in
docs/evidence.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from visits.models import PhotoBand

if TYPE_CHECKING:
    from numpy.typing import NDArray

Part = PhotoBand.Part
# PDQ looks at 64 x 64 cells; more pixels than these change no bit that matters.
HASHED_PIXELS: Final = 512
# PDQ's own measure of how much there is to compare, 0 to 100; below it two blank walls look alike.
HASH_QUALITY_MIN: Final = 50
CROPS: Final[Mapping[Part, float]] = {Part.CROP_95: 0.95, Part.CROP_90: 0.90, Part.CROP_85: 0.85, Part.CROP_80: 0.80}
# A line belongs to a border or strip while this share of its pixels has the colour of the outermost line, within the tolerance.
STRIP_SHARE: Final = 0.6
STRIP_TOLERANCE: Final = 28
# No more of a side than this is taken for a border: beyond it the rest would be another picture.
STRIP_MOST: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoPrints:
    """
    The hashes of one photograph, 32 bytes each. `filed` are found later; it is looked up now by `asked`, and quicker by `turned`.

    All are empty for a picture without enough in it to compare.
    """

    filed: Mapping[Part, bytes] = field(default_factory=dict)
    asked: tuple[bytes, ...] = ()
    turned: tuple[bytes, ...] = ()


def photo_prints(*, image: Image.Image) -> PhotoPrints:
    """
    Return the hashes of a decoded, upright photograph in RGB.

    It is looked up by the whole and without its strips, by their turned and mirrored forms, and by its crops as they are: a copy that came first may have been the crop.
    """
    small = image.copy()
    small.thumbnail((HASHED_PIXELS, HASHED_PIXELS))
    whole = _forms(small)
    if not whole:
        return PhotoPrints()
    filed, asked, turned = {Part.WHOLE: whole[0]}, [whole[0]], list(whole[1:])
    for part, picture in _without_strips(small).items():
        forms = _forms(picture)
        if forms:
            filed[part] = forms[0]
            if part == Part.TRIMMED:
                asked.append(forms[0])
            turned.extend(forms[1:] if part == Part.TRIMMED else forms[:1])
    for part, share in CROPS.items():
        forms = _forms(_middle(small, share))
        if forms:
            filed[part] = forms[0]
            turned.append(forms[0])
    return PhotoPrints(filed=filed, asked=tuple(asked), turned=tuple(turned))


def _forms(picture: Image.Image) -> tuple[bytes, ...]:
    """Return the hash of a picture as it is, then of its seven other turned and mirrored forms; nothing if it is too flat."""
    import numpy  # noqa: PLC0415 - 30 MB that only photographs need
    import pdqhash  # noqa: PLC0415 - see above

    forms, quality = pdqhash.compute_dihedral(numpy.asarray(picture))
    return tuple(bytes(numpy.packbits(bits)) for bits in forms) if quality >= HASH_QUALITY_MIN else ()


def _middle(picture: Image.Image, share: float) -> Image.Image:
    width, height = picture.size
    kept = int(width * share), int(height * share)
    left, top = (width - kept[0]) // 2, (height - kept[1]) // 2
    return picture.crop((left, top, left + kept[0], top + kept[1]))


def _without_strips(picture: Image.Image) -> dict[Part, Image.Image]:
    """Return the picture without its borders and strips, and without the one above or below only, where there are any."""
    import numpy  # noqa: PLC0415 - see above

    pixels = numpy.asarray(picture).astype(numpy.int16)
    width, height = picture.size
    top, below = _strip(pixels), _strip(pixels[::-1])
    rest = pixels[top : height - below].swapaxes(0, 1)
    left, right = _strip(rest), _strip(rest[::-1])
    # An even sky above is taken for a strip as well: so each strip is also taken away alone.
    boxes = {
        Part.TRIMMED: (left, top, width - right, height - below),
        Part.NO_TOP: (0, top, width, height),
        Part.NO_BOTTOM: (0, 0, width, height - below),
    }
    found: dict[Part, Image.Image] = {}
    seen = {(0, 0, width, height)}
    for part, box in boxes.items():
        if box not in seen:
            seen.add(box)
            found[part] = picture.crop(box)
    return found


def _strip(lines: "NDArray[Any]") -> int:
    """Return how many lines from the first belong to a border or a strip with writing: most of each has the first one's colour."""
    import numpy  # noqa: PLC0415 - see above

    colour = numpy.median(lines[0], axis=0)
    alike = (numpy.abs(lines - colour).max(axis=-1) <= STRIP_TOLERANCE).mean(axis=1) >= STRIP_SHARE
    others = numpy.flatnonzero(~alike[: int(len(lines) * STRIP_MOST)])
    return int(others[0]) if len(others) else 0
