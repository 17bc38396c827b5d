"""The Chinese catalogue is complete, and the extractor finds every text that Django shows."""

from pathlib import Path

import polib  # type: ignore[import-untyped]  # the package has no type hints
import pytest
from django.conf import settings

from backoffice.translation.catalogue import (
    LOCALE,
    catalogue_problems,
    compile_catalogue,
    message_faults,
    third_party_messages,
    update_catalogue,
)
from backoffice.translation.messages import Extraction, Message, extract_python, extract_template

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / LOCALE / "LC_MESSAGES" / "django.po"


def _python(source: str) -> Extraction:
    found = Extraction()
    extract_python(source=source, place="a.py", into=found)
    return found


def _template(source: str) -> Extraction:
    found = Extraction()
    extract_template(source=source, place="a.html", into=found)
    return found


def test_catalogue_translates_every_message() -> None:
    problems = catalogue_problems(path=CATALOGUE)

    assert problems == [], "\n".join(["Run manage.py messages --update, translate.", *problems])


def test_third_party_messages_cover_unfold() -> None:
    packages = third_party_messages()

    # Unfold ships no Chinese at all.
    assert (None, "Welcome back to") in packages["unfold"].messages
    # Django translates "Save" itself, so Unfold's use of it is not missing.
    assert (None, "Save") not in packages["unfold"].messages


@pytest.mark.parametrize(
    ("source", "key", "plural"),
    [
        ("from django.utils.translation import gettext as _\n_('Hold')", (None, "Hold"), None),
        (
            "from django.utils.translation import gettext_lazy\n_ = gettext_lazy\n_('Hold')",
            (None, "Hold"),
            None,
        ),
        ("from django.utils import translation as t\nt.gettext('Hold')", (None, "Hold"), None),
        (
            "from django.utils.translation import gettext_noop\ngettext_noop('On ' 'hold')",
            (None, "On hold"),
            None,
        ),
        (
            "from django.utils.translation import ngettext\nngettext('%d day', '%d days', 2)",
            (None, "%d day"),
            "%d days",
        ),
        (
            "from django.utils.translation import pgettext_lazy as p\np('verb', 'Hold')",
            ("verb", "Hold"),
            None,
        ),
    ],
)
def test_extract_python_reads_literal_calls(source: str, key: tuple[str | None, str], plural: str | None) -> None:
    found = _python(source)

    assert found.problems == []
    assert found.messages == {key: Message(key[0], key[1], plural, ("a.py",))}


@pytest.mark.parametrize("argument", ["f'Hold {name}'", "name", "'Hold ' + name", "''", ""])
def test_extract_python_refuses_what_no_translator_can_see(argument: str) -> None:
    found = _python(f"from django.utils.translation import gettext as _\n\n_({argument})")

    assert found.messages == {}
    assert found.problems == ["a.py:3: gettext() needs literal, non-empty text"]


def test_extract_python_ignores_an_underscore_of_its_own() -> None:
    found = _python("import django.utils.translation\n_ = print\n_('Hold')")

    assert found == Extraction()


@pytest.mark.parametrize(
    ("source", "key", "plural"),
    [
        ("{% translate 'Hold' %}", (None, "Hold"), None),
        ('{% trans "Hold" as title %}', (None, "Hold"), None),
        ('{% translate "Hold" context "verb" %}', ("verb", "Hold"), None),
        ('{% translate "100% paid" %}', (None, "100%% paid"), None),
        ('{% include "x.html" with title=_("Hold") %}', (None, "Hold"), None),
        ('{{ title|default:_("Hold") }}', (None, "Hold"), None),
        ("{% blocktranslate %}Hold {{ n }}{% endblocktranslate %}", (None, "Hold %(n)s"), None),
        (
            "{% blocktranslate trimmed %}\n  Hold\n  it\n{% endblocktranslate %}",
            (None, "Hold it"),
            None,
        ),
        (
            "{% blocktranslate trimmed count n=days context 'age' %}\n {{ n }} day\n"
            "{% plural %}\n {{ n }} days\n{% endblocktranslate %}",
            ("age", "%(n)s day"),
            "%(n)s days",
        ),
    ],
)
def test_extract_template_reads_tags(source: str, key: tuple[str | None, str], plural: str | None) -> None:
    found = _template(source)

    assert found.problems == []
    assert found.messages == {key: Message(key[0], key[1], plural, ("a.html",))}


def test_extract_template_skips_comments() -> None:
    found = _template("{% comment %}{% translate 'Hold' %}{% endcomment %}")

    assert found == Extraction()


def test_extract_template_refuses_a_variable() -> None:
    found = _template("\n{% translate title %}")

    assert found.problems == ["a.html:2: translate needs literal text"]


@pytest.mark.parametrize(
    ("msgid", "entry", "fault"),
    [
        ("Hold", None, "is missing"),
        ("Hold", polib.POEntry(msgid="Hold", msgstr=""), "is untranslated"),
        ("Hold", polib.POEntry(msgid="Hold", msgstr="暂停", flags=["fuzzy"]), "is fuzzy"),
        ("Hold", polib.POEntry(msgid="Hold", msgstr="Hold"), "has no Chinese in 'Hold'"),
        (
            "%(n)s days",
            polib.POEntry(msgid="%(n)s days", msgstr="%(m)s 天"),
            "has other placeholders in '%(m)s 天'",
        ),
        (
            "%s of %d",
            polib.POEntry(msgid="%s of %d", msgstr="%d 之 %s"),
            "has other placeholders in '%d 之 %s'",
        ),
        (
            "{n} days",
            polib.POEntry(msgid="{n} days", msgstr="天"),
            "has other placeholders in '天'",
        ),
    ],
)
def test_message_faults_names_the_fault(msgid: str, entry: polib.POEntry, fault: str) -> None:
    message = Message(None, msgid, None, ("a.py",))

    faults = list(message_faults(message, entry))

    assert faults == [f"a.py: {msgid!r} {fault}"]


@pytest.mark.parametrize(
    ("msgid", "entry"),
    [
        ("SMS", polib.POEntry(msgid="SMS", msgstr="SMS", comment="same")),
        ("{a} of {b}", polib.POEntry(msgid="{a} of {b}", msgstr="{b} 之 {a}")),
        ("%(n)s", polib.POEntry(msgid="%(n)s", msgstr="%(n)s")),
    ],
)
def test_message_faults_accepts_sound_entries(msgid: str, entry: polib.POEntry) -> None:
    message = Message(None, msgid, None, ("a.py",))

    assert list(message_faults(message, entry)) == []


def test_update_catalogue_keeps_what_is_gone_and_rests_without_news(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    path.write_text('msgid ""\nmsgstr ""\n\nmsgid "No longer said"\nmsgstr "已弃用"\n', "utf-8")

    update_catalogue(path=path)
    first = path.read_bytes()
    update_catalogue(path=path)

    assert path.read_bytes() == first
    assert [(e.msgid, e.msgstr) for e in polib.pofile(str(path)).obsolete_entries()] == [("No longer said", "已弃用")]


def test_compile_catalogue_writes_once(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    path.write_text('msgid ""\nmsgstr ""\n\nmsgid "Hold"\nmsgstr "暂停"\n', "utf-8")

    first, second = compile_catalogue(path=path), compile_catalogue(path=path)

    assert (first, second) == (True, False)
    assert [(e.msgid, e.msgstr) for e in polib.mofile(str(path.with_suffix(".mo")))] == [("Hold", "暂停")]
