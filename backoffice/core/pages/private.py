"""Private files: never served by address alone, only through a view that has checked who asks."""

from io import BytesIO
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from PIL import Image, ImageOps, UnidentifiedImageError

PREVIEW_PIXELS = 640
# What a browser may show within a page; everything else is only saved.
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp"})


def download(*, file: Any, name: str, media_type: str) -> FileResponse:
    """Return a stored file to be saved under `name`, not kept by caches, never run by the browser."""
    if not file:
        raise Http404
    try:
        opened = file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(opened, as_attachment=True, filename=name, content_type=media_type)
    _guard(response)
    return response


def preview(*, file: Any, media_type: str) -> HttpResponse:
    """
    Return a small JPEG of a stored image, drawn anew, so that nothing hidden in the original is passed on.

    :raises Http404: if there is no file, or it is no image.
    """
    if not file or media_type not in SHOWN:
        raise Http404
    try:
        with file.open("rb") as opened, Image.open(opened) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Http404 from error
    upright.thumbnail((PREVIEW_PIXELS, PREVIEW_PIXELS))
    # A new image holds the pixels alone: JPEG comments would travel with the old one.
    clean, drawn = Image.new("RGB", upright.size), BytesIO()
    clean.paste(upright)
    clean.save(drawn, "JPEG", quality=80)
    response = HttpResponse(drawn.getvalue(), content_type="image/jpeg")
    _guard(response)
    return response


def _guard(response: HttpResponseBase) -> None:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    add_never_cache_headers(response)
