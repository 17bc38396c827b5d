"""Every word that the scripts ask for is there, and none is left over."""

import re

from django.utils import translation

from visits.field.shell import STATIC, WORKER, shell_files
from visits.field.texts import TEXTS, page_texts

SOURCES = "".join(
    (STATIC / file).read_text()
    for file in shell_files()
    if file.endswith(".js") and file.startswith("visits/field/") and file != WORKER
)
# Made from a value: the state of a step, and the title of a step that a problem belongs to.
MADE = re.compile(r"state_\w+|step[A-Z]\w+")


def test_every_text_that_a_script_names_is_there() -> None:
    asked = set(re.findall(r"\bt\(\"(\w+)\"", SOURCES)) | set(re.findall(r"title: \"(\w+)\"", SOURCES))

    assert asked > {"setOut", "stepHandin"}
    assert sorted(asked - set(TEXTS)) == []


def test_no_text_is_left_over() -> None:
    words = set(re.findall(r"\"(\w+)\"", SOURCES))

    assert [name for name in TEXTS if name not in words and not MADE.fullmatch(name)] == []


def test_the_blanks_of_a_text_are_the_same_in_both_languages() -> None:
    shown = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            shown[language] = page_texts()

    blanks = {
        language: {n: sorted(re.findall(r"{\w+}", text)) for n, text in of.items()} for language, of in shown.items()
    }
    assert blanks["en"] == blanks["zh-hans"]
