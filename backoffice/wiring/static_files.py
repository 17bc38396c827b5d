"""Collected static files: without them each page of production fails, so a web server does not start."""

from typing import Any

from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.exceptions import ImproperlyConfigured


def refuse_missing_static_files() -> None:
    """
    Compare the static files of the program with those that were collected. Development serves them uncollected.

    :raises ImproperlyConfigured: if files were never collected, or an upgrade brought files that are not collected yet.
    """
    missing = uncollected_files()
    if missing:
        message = f"{len(missing)} static files are not collected ({missing[0]}, ...). Run: manage.py collectstatic"
        raise ImproperlyConfigured(message)


def uncollected_files() -> list[str]:
    """Return the names of the program's static files that the manifest of collected files lacks, sorted."""
    storage: Any = staticfiles_storage
    if not isinstance(storage, ManifestFilesMixin):
        return []
    collected = {storage.clean_name(name) for name in storage.hashed_files}
    of_the_program = {storage.clean_name(name) for finder in get_finders() for name, _storage in finder.list([])}
    return sorted(of_the_program - collected)
