"""What a telephone keeps of the page itself: its files with one version, the service worker, and the manifest."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

STATIC: Final = Path(__file__).resolve().parent.parent / "static"
FOLDERS: Final = ("visits/field", "visits/idb-8.0.4")
# The worker's own text is served under /field/, so that its scope is the page and nothing else.
WORKER: Final = "visits/field/worker.js"
KEPT: Final = frozenset({".js", ".css", ".png", ".svg"})


@lru_cache(maxsize=1)
def shell_files() -> tuple[str, ...]:
    """Return the names of the files that the page consists of, sorted."""
    found = (path for folder in FOLDERS for path in (STATIC / folder).rglob("*") if path.suffix in KEPT)
    return tuple(sorted({path.relative_to(STATIC).as_posix() for path in found} - {WORKER}))


@lru_cache(maxsize=1)
def shell_version() -> str:
    """Return a version that follows from the content of the files: another one whenever one of them changes."""
    digest = hashlib.sha256()
    for name in (*shell_files(), WORKER):
        content = (STATIC / name).read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Answer with the service worker and the list of files that it keeps. It holds nothing about anybody."""
    head = {"version": shell_version(), "files": [f"{settings.STATIC_URL}{name}" for name in shell_files()]}
    text = f"const SHELL = {json.dumps(head)};\n{(STATIC / WORKER).read_text(encoding='utf-8')}"
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    # Browsers compare the worker byte by byte; a kept copy would keep an old page alive.
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Answer with what a telephone needs to install the page: names, colours and icons."""
    icons = [
        {
            "src": f"{settings.STATIC_URL}visits/field/icon-{size}.png",
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    response = JsonResponse(
        {
            "name": _("Doorstep visits"),
            "short_name": _("Visits"),
            "id": "/field/",
            "start_url": "/field/",
            "scope": "/field/",
            "display": "standalone",
            "lang": translation.get_language(),
            "background_color": "#0f766e",
            "theme_color": "#0f766e",
            "icons": icons,
        },
        content_type="application/manifest+json",
    )
    response["Cache-Control"] = "no-cache"
    return response
