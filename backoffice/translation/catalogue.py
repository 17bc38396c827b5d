"""
The Chinese catalogue: merging new messages into it, compiling it, and finding its faults.

Our file also holds what packages show in English because they ship no Chinese (Unfold above
all). Those messages are read from the installed packages, so that an upgrade shows what became
untranslated.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import django
import polib
from django.apps import apps
from django.conf import settings

from backoffice.translation.messages import Extraction, Message, extract_folders

LOCALE = "zh_Hans"
OWN_FOLDERS = ("backoffice", "cases", "visits", "reports")
# An entry with this extracted comment may read the same in both languages ("SMS").
SAME = "same"
THIRD_PARTY = "third party: "

# Fixed, so that an update without news leaves the file byte for byte as it was.
_HEADER = {
    "Project-Id-Version": "Doorstep",
    "Language": LOCALE,
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
_PLACEHOLDER = re.compile(r"%%|%\(\w[\w.]*\)[a-z]|%[sdrif]|\{[^{}\s]*\}")
_LETTER = re.compile(r"[A-Za-z]")
_TAG = re.compile(r"<[^>]*>")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

Key = tuple[str | None, str]


def own_messages() -> Extraction:
    """Return the messages of our own sources and templates."""
    root = Path(settings.BASE_DIR)
    folders = [root / name for name in OWN_FOLDERS if (root / name).is_dir()]
    return extract_folders(folders=folders, root=root)


def third_party_messages() -> dict[str, Extraction]:
    """
    Return, by package, the messages of installed apps that no loaded catalogue translates.

    Only catalogues that Django loads for zh-hans count: one in zh_CN does not.
    """
    loaded = _loaded_keys()
    by_package: dict[str, Extraction] = {}
    for package, folder in _third_party_folders().items():
        site_packages = folder.parents[package.count(".")]
        found = extract_folders(folders=[folder], root=site_packages)
        missing = {key: m for key, m in found.messages.items() if key not in loaded}
        if missing:
            by_package[package] = Extraction(messages=missing)
    return by_package


def update_catalogue(*, path: Path) -> list[str]:
    """
    Merge all messages into the catalogue at `path` and return the problems of the sources.

    New messages come in untranslated, gone ones stay as obsolete, and a message that comes back
    gets its old translation. Sorted by first place, files without line numbers, no dates: an
    update without news changes nothing.
    """
    catalogue = _open(path)
    entries: dict[Key, polib.POEntry] = {(e.msgctxt, e.msgid): e for e in catalogue}
    own = own_messages()
    wanted = [(message, "") for message in own.messages.values()]
    for package, found in third_party_messages().items():
        news = (m for m in found.messages.values() if m.key not in own.messages)
        wanted += [(message, package) for message in news]
    wanted.sort(key=lambda pair: (pair[1], pair[0].places[0], pair[0].msgid, pair[0].context or ""))
    merged: dict[Key, polib.POEntry] = {}
    for message, package in wanted:
        # A message of two packages stays with the first of them.
        if message.key not in merged:
            merged[message.key] = _merge_entry(entries.get(message.key), message, package)
    gone = sorted((e for key, e in entries.items() if key not in merged), key=lambda e: e.msgid)
    for entry in gone:
        entry.obsolete, entry.occurrences = True, []
    catalogue.clear()
    catalogue.extend([*merged.values(), *(e for e in gone if any(_texts(e)))])
    catalogue.metadata = dict(_HEADER)
    _write(path, catalogue)
    return own.problems


def compile_catalogue(*, path: Path) -> bool:
    """Write the .mo beside the .po at `path` and return True, or False if it is up to date."""
    target = path.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns >= path.stat().st_mtime_ns:
        return False
    # Renamed into place: another process never reads half a catalogue.
    draft = target.with_suffix(f".{os.getpid()}.tmp")
    polib.pofile(str(path)).save_as_mofile(str(draft))
    draft.replace(target)
    return True


def catalogue_problems(*, path: Path) -> list[str]:
    """
    Return one line for each fault of the catalogue at `path`, or an empty list.

    Faults: text that cannot be extracted, a message that is missing, untranslated or fuzzy, a
    translation with other placeholders than its message, and one without a Chinese character
    (unless the entry carries the comment "#. same").
    """
    own = own_messages()
    third_party = third_party_messages()
    entries: dict[Key, polib.POEntry] = {
        (entry.msgctxt, entry.msgid): entry for entry in _open(path) if not entry.obsolete
    }
    problems = list(own.problems)
    for found in (own, *third_party.values()):
        for message in sorted(found.messages.values(), key=lambda m: (m.places, m.msgid)):
            problems += message_faults(message, entries.get(message.key))
    return list(dict.fromkeys(problems))


def message_faults(message: Message, entry: "polib.POEntry | None") -> Iterator[str]:
    """Return the faults of one message's translation; `entry` is None if there is none."""
    where = f"{message.places[0]}: {message.msgid!r}"
    if entry is None or (message.plural is not None) != bool(entry.msgid_plural):
        yield f"{where} is missing"
        return
    if entry.fuzzy:
        yield f"{where} is fuzzy"
    texts = _texts(entry)
    if not texts or not all(texts):
        yield f"{where} is untranslated"
        return
    # Chinese has one form for every number, so it stands for the plural.
    source = message.plural or message.msgid
    for text in texts:
        if _placeholders(text) != _placeholders(source):
            yield f"{where} has other placeholders in {text!r}"
        bare = _PLACEHOLDER.sub("", _TAG.sub("", source))
        same = SAME in entry.comment.splitlines()
        if _LETTER.search(bare) and not _CHINESE.search(text) and not same:
            yield f"{where} has no Chinese in {text!r}"


def _placeholders(text: str) -> tuple[list[str], set[str]]:
    """Return the positional placeholders, whose order matters, and the named ones."""
    found = [p for p in _PLACEHOLDER.findall(text) if p != "%%"]
    positional = [p for p in found if p == "{}" or re.fullmatch(r"%[a-z]", p)]
    return positional, set(found) - set(positional)


def _texts(entry: "polib.POEntry") -> list[str]:
    """Return the translation's forms."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def _merge_entry(entry: "polib.POEntry | None", message: Message, package: str) -> "polib.POEntry":
    """Return the entry of `message`, with the translation of `entry` where there is one."""
    if entry is None:
        entry = polib.POEntry(msgid=message.msgid, msgctxt=message.context)
    if message.plural is not None and not entry.msgid_plural:
        entry.msgstr_plural, entry.msgstr = {0: entry.msgstr}, ""
    elif message.plural is None and entry.msgid_plural:
        entry.msgstr, entry.msgstr_plural = entry.msgstr_plural.get(0, ""), {}
    entry.msgid_plural = message.plural or ""
    entry.obsolete = False
    entry.occurrences = [(place, "") for place in message.places]
    comments = [SAME] if SAME in entry.comment.splitlines() else []
    entry.comment = "\n".join([f"{THIRD_PARTY}{package}", *comments] if package else comments)
    kept = [flag for flag in entry.flags if flag == "fuzzy"]
    is_format = re.search(r"%\(\w|%[sd]", message.msgid + (message.plural or ""))
    entry.flags = [*kept, "python-format"] if is_format else kept
    return entry


def _open(path: Path) -> "polib.POFile":
    """Return the catalogue at `path`, or an empty one."""
    return polib.pofile(str(path)) if path.exists() else polib.POFile()


def _write(path: Path, catalogue: "polib.POFile") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(f"{catalogue}\n", "utf-8")
    draft.replace(path)


def _third_party_folders() -> dict[str, Path]:
    """Return the folders of the installed apps that are not ours, none inside another."""
    folders: dict[str, Path] = {}
    configs = apps.get_app_configs()
    for config in sorted(configs, key=lambda c: (c.name.count("."), c.name)):
        parents = [name for name in folders if config.name.startswith(f"{name}.")]
        if config.name.split(".")[0] not in OWN_FOLDERS and not parents:
            folders[config.name] = Path(config.path)
    return folders


def _loaded_keys() -> set[Key]:
    """
    Return what the catalogues of Django and of other people's apps translate.

    Ours is left out: what it translates for a package would otherwise count as translated by it.
    """
    homes = [Path(django.__file__).parent / "conf"]
    others = [c for c in apps.get_app_configs() if c.name.split(".")[0] not in OWN_FOLDERS]
    homes += [Path(c.path) for c in others]
    keys: set[Key] = set()
    for home in homes:
        path = home / "locale" / LOCALE / "LC_MESSAGES" / "django.mo"
        if path.exists():
            keys |= {(e.msgctxt, e.msgid) for e in polib.mofile(str(path)) if any(_texts(e))}
    return keys
