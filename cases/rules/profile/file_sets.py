"""
A profile of several files that a core exports together: customers, contracts, schedules, repayments.

Each part is a profile of its own, with the name of its files and its place in the order. What all parts share (source,
encodings, marks, territories) stands once at the top.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from hashlib import sha256
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.rules.profile.constants import truth, wrong
from cases.rules.profile.field_sources import only_known
from cases.rules.profile.parse import KIND_OF_SETS, profile_body, profile_of
from cases.rules.profile.records import Profile

MOST_PARTS: Final = 20
_SHARED: Final = frozenset({"source", "identity_numbers", "territories"})
_TOP: Final = _SHARED | {"title", "kind", "file", "files"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a set: `pattern` names its files (customers*.csv); without `optional` there must be one."""

    pattern: str
    optional: bool
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSet:
    """The parts of a set in the order in which their files are taken in."""

    name: str
    title: str
    parts: tuple[Part, ...]


def is_file_set(*, text: str, name: str) -> bool:
    """
    Return whether a profile's text describes a set of files.

    :raises InvalidInput: if the text is no TOML.
    """
    return profile_body(text=text, name=name).get("kind") == KIND_OF_SETS


def parse_file_set(*, text: str, name: str) -> FileSet:
    """
    Return the set of files that `text` (TOML) describes.

    :raises InvalidInput: naming the part, the key and the remedy, if anything in it is unknown, missing or contradictory.
    """
    body = profile_body(text=text, name=name)
    if body.get("kind") != KIND_OF_SETS:
        raise wrong("kind", _('must be "{kind}" for a set of files').format(kind=KIND_OF_SETS))
    only_known(body, _TOP, where="")
    tables = body.get("files")
    if not isinstance(tables, list) or not 1 <= len(tables) <= MOST_PARTS:
        raise wrong("files", _("is a list of 1 to {n} tables, each [[files]]").format(n=MOST_PARTS))
    parts = tuple(_part(body, number, table, name, text) for number, table in enumerate(tables, start=1))
    return FileSet(name=name, title=str(body.get("title", name)), parts=parts)


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


def _part(body: Mapping[str, Any], number: int, table: Any, name: str, text: str) -> Part:
    where = f"files[{number}]"
    if not isinstance(table, dict):
        raise wrong(where, _("must be a table"))
    pattern = table.get("name")
    if not isinstance(pattern, str) or not pattern.strip() or "/" in pattern:
        raise wrong(f"{where}.name", _("names the files of this part: {example}").format(example='"customers*.csv"'))
    optional = truth(table.get("optional", False))
    if optional is None:
        raise wrong(f"{where}.optional", _("must be true or false. Write: {line}").format(line="optional = true"))
    shared = {key: body[key] for key in _SHARED if key in body}
    file = {**_table(body, "file"), **_table(table, "file")}
    own = {key: value for key, value in table.items() if key not in ("name", "optional")}
    # The fingerprint is part of row digests: a change of one part reads the rows of the others again, too.
    fingerprint = sha256(f"{pattern}\n{text}".encode()).hexdigest()
    try:
        profile = profile_of(body={"source": name, **shared, **own, "file": file}, name=name, fingerprint=fingerprint)
    except InvalidInput as error:
        raise InvalidInput(
            _("Part {number} of the set ({pattern}). {problem}").format(number=number, pattern=pattern, problem=error),
            field=f"{where}.{error.field}",
        ) from None
    return Part(pattern=pattern, optional=optional, profile=profile)


def _table(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = body.get(key, {})
    if not isinstance(found, dict):
        raise wrong(key, _("must be a table"))
    return found
