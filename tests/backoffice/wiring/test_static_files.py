"""A web server of production does not start without its static files."""

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import override_settings

from backoffice.wiring.static_files import refuse_missing_static_files, uncollected_files

MANIFEST = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}


@pytest.fixture
def two_files(settings, tmp_path):
    """Let the program have two static files and a storage that reads a manifest, as production does."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("p {}")
    (source / "b.css").write_text("p {}")
    with override_settings(
        STORAGES=settings.STORAGES | MANIFEST,
        STATIC_ROOT=str(tmp_path / "collected"),
        STATICFILES_DIRS=[str(source)],
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
    ):
        yield source


@pytest.mark.usefixtures("two_files")
def test_uncollected_files_are_refused_with_the_command_to_run():
    with pytest.raises(ImproperlyConfigured) as refusal:
        refuse_missing_static_files()

    assert str(refusal.value) == "2 static files are not collected (a.css, ...). Run: manage.py collectstatic"


def test_a_file_that_an_upgrade_brought_is_refused(two_files):
    call_command("collectstatic", "--noinput", verbosity=0)
    assert uncollected_files() == []
    refuse_missing_static_files()

    (two_files / "c.css").write_text("p {}")
    assert uncollected_files() == ["c.css"]


def test_development_needs_no_collected_files():
    assert type(staticfiles_storage._wrapped).__name__ != "ManifestStaticFilesStorage"
    assert uncollected_files() == []
