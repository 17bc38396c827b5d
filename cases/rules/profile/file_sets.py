"""
A profile of several files that a core exports together: customers, contracts, schedules, repayments.

Each part is a profile of its own, with the name of its files and its place in the order. It is written in the set, where
what all parts share (source, encodings, marks, territories) stands once at the top, or it is the name of a profile.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from hashlib import sha256
from typing import Any, Final

import tomli_w
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import DoorstepError, InvalidInput
from cases.rules.profile.constants import truth, wrong
from cases.rules.profile.field_sources import only_known
from cases.rules.profile.parse import KIND_OF_SETS, profile_body, profile_of
from cases.rules.profile.portfolio_keys import source_key
from cases.rules.profile.records import Profile

MOST_PARTS: Final = 20
_SHARED: Final = frozenset({"source", "identity_numbers", "territories"})
_TOP: Final = _SHARED | {"title", "kind", "file", "files"}
# Named profiles have their own.
_OF_WRITTEN: Final = frozenset({"identity_numbers", "territories", "file"})
_NAMED: Final = frozenset({"name", "optional", "profile"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    One part of a set: `pattern` names its files (customers*.csv); without `optional` there must be one.

    `is_named` says that the set names the profile instead of containing it.
    """

    pattern: str
    optional: bool
    profile: Profile
    is_named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSet:
    """The parts of a set in the order in which their files are taken in; `source` is "" if each part has its own."""

    name: str
    title: str
    source: str
    parts: tuple[Part, ...]


def is_file_set(*, text: str, name: str) -> bool:
    """
    Return whether a profile's text describes a set of files.

    :raises InvalidInput: if the text is no TOML.
    """
    return profile_body(text=text, name=name).get("kind") == KIND_OF_SETS


def parse_file_set(*, text: str, name: str, profile_named: Callable[[str], Profile]) -> FileSet:
    """
    Return the set of files that `text` (TOML) describes. `profile_named` finds a profile that the set names.

    :raises InvalidInput: naming the part, the key and the remedy, if anything in it is unknown, missing or contradictory.
    """
    body = profile_body(text=text, name=name)
    if body.get("kind") != KIND_OF_SETS:
        raise wrong("kind", _('must be "{kind}" for a set of files').format(kind=KIND_OF_SETS))
    only_known(body, _TOP, where="")
    tables = body.get("files")
    if not isinstance(tables, list) or not 1 <= len(tables) <= MOST_PARTS:
        raise wrong("files", _("is a list of 1 to {n} tables, each [[files]]").format(n=MOST_PARTS))
    source = source_key(body["source"]) if "source" in body else ""
    parts = []
    for number, table in enumerate(tables, start=1):
        pattern, optional = _file_of_part(f"files[{number}]", table)
        if "profile" in table:
            profile = _named_profile(f"files[{number}]", table, source, profile_named)
        else:
            profile = _written_profile(f"files[{number}]", body, table, name, text)
        parts.append(Part(pattern=pattern, optional=optional, profile=profile, is_named="profile" in table))
    unused = sorted(_OF_WRITTEN.intersection(body)) if all(part.is_named for part in parts) else []
    if unused:
        raise wrong(
            unused[0], _("holds for parts written in the set, and there is none: write it in the named profiles")
        )
    return FileSet(name=name, title=str(body.get("title", name)), source=source, parts=tuple(parts))


def toml_of_set(*, title: str, source: str, parts: Sequence[tuple[str, str, bool]]) -> str:
    """Return the text of a set of named profiles; each part is (pattern, name of a profile, optional)."""
    files = [
        {"name": pattern, "profile": profile} | ({"optional": True} if optional else {})
        for pattern, profile, optional in parts
    ]
    top = {key: value for key, value in (("title", title), ("source", source)) if value}
    return tomli_w.dumps({"kind": KIND_OF_SETS, **top, "files": files})


def named_parts(*, text: str, name: str) -> tuple[str, str, list[tuple[str, str, bool]]] | None:
    """
    Return title, source and parts of a set of named profiles, as `toml_of_set` takes them; None if it says anything else, too.

    :raises InvalidInput: if the text is no TOML.
    """
    body = profile_body(text=text, name=name)
    tables = body.get("files", [])
    if set(body) - {"title", "kind", "source", "files"} or not all(
        set(table) <= _NAMED and "profile" in table for table in tables
    ):
        return None
    parts = [(table["name"], table["profile"], table.get("optional", False)) for table in tables]
    return body.get("title", ""), body.get("source", ""), parts


def files_of_parts(*, file_set: FileSet, names: Sequence[str]) -> list[tuple[Part, str]]:
    """
    Return each file with its part, in the order of the parts and within a part of the names. Letter case is ignored.

    :raises InvalidInput: naming the part without a file, or the files that belong to no part.
    """
    left = sorted(names)
    found = []
    for part in file_set.parts:
        mine = [name for name in left if fnmatch(name.lower(), part.pattern.lower())]
        if not mine and not part.optional:
            raise InvalidInput(_("There is no file {pattern}.").format(pattern=part.pattern), field="files")
        found += [(part, name) for name in mine]
        left = [name for name in left if name not in mine]
    if left:
        raise InvalidInput(
            _("No part of the set takes these files: {names}. Remove them, or add a part.").format(
                names=", ".join(left[:10])
            ),
            field="files",
        )
    return found


def _file_of_part(where: str, table: Any) -> tuple[str, bool]:
    if not isinstance(table, dict):
        raise wrong(where, _("must be a table"))
    pattern = table.get("name")
    if not isinstance(pattern, str) or not pattern.strip() or "/" in pattern:
        raise wrong(f"{where}.name", _("names the files of this part: {example}").format(example='"customers*.csv"'))
    optional = truth(table.get("optional", False))
    if optional is None:
        raise wrong(f"{where}.optional", _("must be true or false. Write: {line}").format(line="optional = true"))
    return pattern, optional


def _named_profile(
    where: str, table: Mapping[str, Any], source: str, profile_named: Callable[[str], Profile]
) -> Profile:
    only_known(table, _NAMED, where=where)
    try:
        profile = profile_named(str(table["profile"]))
    except DoorstepError as error:
        raise wrong(f"{where}.profile", str(error)) from None
    if not source or source == profile.source:
        return profile
    # The fingerprint is part of row digests: a row that came under another source is read again.
    return replace(profile, source=source, fingerprint=sha256(f"{source}\n{profile.fingerprint}".encode()).hexdigest())


def _written_profile(where: str, body: Mapping[str, Any], table: Mapping[str, Any], name: str, text: str) -> Profile:
    shared = {key: body[key] for key in _SHARED if key in body}
    file = {**_table(body, "file"), **_table(table, "file")}
    own = {key: value for key, value in table.items() if key not in ("name", "optional")}
    # The fingerprint is part of row digests: a change of one part reads the rows of the others again, too.
    fingerprint = sha256(f"{table['name']}\n{text}".encode()).hexdigest()
    try:
        return profile_of(body={"source": name, **shared, **own, "file": file}, name=name, fingerprint=fingerprint)
    except InvalidInput as error:
        raise InvalidInput(
            _("Part {number} of the set ({pattern}). {problem}").format(
                number=where[len("files[") : -1], pattern=table["name"], problem=error
            ),
            field=f"{where}.{error.field}",
        ) from None


def _table(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = body.get(key, {})
    if not isinstance(found, dict):
        raise wrong(key, _("must be a table"))
    return found
