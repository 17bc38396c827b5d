"""
The people of a batch: who they are by a keyed digest, and their sealed rows where that digest has changed.

Rows of one borrower are put together: the last one's name counts, telephones and addresses add up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from backoffice.core.sealed.sealing import blind_indexes, keyed_digests, seal_all
from cases.rules.profile.column_reader import Part, ReadColumns
from cases.rules.profile.fields import ADDRESS as ADDRESS_FIELDS
from cases.services.intake.accounts.tables import ADDRESS, BORROWER, PHONE

Place = tuple[Any, ...]
_PLACE: Final = tuple(n for n in ADDRESS_FIELDS if n not in ("kind", "line"))
# Neither can stand in a text that was taken in.
_UNIT, _RECORD, _ABSENT = "\x1f", "\x1e", "\x00"


@dataclass(slots=True, kw_only=True)
class Person:
    """What the rows of a batch say of one borrower."""

    territory: str | None = None
    name: str | None = None
    id_number: str | None = None
    last_app_login_at: Any = None
    phones: dict[str, None] = field(default_factory=dict)
    # The rest of an address by its kind and line.
    addresses: dict[tuple[str, str], Place] = field(default_factory=dict)

    def content(self) -> str:
        """Return what the person's digest is taken of. The last login is no part of it."""
        places = _RECORD.join(_UNIT.join(map(str, (*key, *self.addresses[key]))) for key in sorted(self.addresses))
        said = (_ABSENT if t is None else t for t in (self.territory, self.name, self.id_number))
        return _RECORD.join((*said, _UNIT.join(sorted(self.phones)), places))


def stage_people(
    *, read: ReadColumns, refs: Sequence[str], known: Mapping[str, bytes], sealed_too: bool
) -> tuple[dict[str, str], dict[str, bytes]]:
    """
    Return the COPY text by staging table, and the digest of each borrower whose content is not as in `known`.

    `refs` are the borrowers of the rows read. Without `sealed_too` the rows say nothing that is sealed, and nothing is
    known by its digest.
    """
    people = _people(read, refs)
    digests: dict[str, bytes] = {}
    if sealed_too:
        taken = keyed_digests(texts=[p.content() for p in people.values()], kind="borrower")
        digests = {ref: d for ref, d in zip(people, taken, strict=True) if known.get(ref) != d}
    # Of a person whose digest stands, only the last login can be news.
    open_ = {
        r: p
        for r, p in people.items()
        if r not in digests and (p.last_app_login_at is not None or (p.territory is not None and not sealed_too))
    }
    text = {
        BORROWER.stage: _borrower_text(open_, {}) + _borrower_text({r: people[r] for r in digests}, digests),
        PHONE.stage: _phone_text(people, digests),
        ADDRESS.stage: _address_text(people, digests),
    }
    return text, digests


def _people(read: ReadColumns, refs: Sequence[str]) -> dict[str, Person]:
    people: dict[str, Person] = {}
    rows = []
    for ref in refs:
        person = people.get(ref)
        if person is None:
            person = people[ref] = Person()
        rows.append(person)
    for name in ("territory", "name", "id_number", "last_app_login_at"):
        for person, value in zip(rows, read.single.get("borrower", {}).get(name, ()), strict=False):
            if value is not None:
                setattr(person, name, value)
    for part in read.repeated.get("phones", ()):
        for row, number in zip(part.rows, part.values["number"], strict=True):
            if number:
                rows[row].phones[number] = None
    # In the order of rows, since of one address the last row counts.
    for row, key, place in sorted((a for p in read.repeated.get("addresses", ()) for a in _places(p)), key=_row_of):
        if key[1]:
            rows[row].addresses[key] = place
    return people


def _places(part: Part) -> list[tuple[int, tuple[str, str], Place]]:
    nothing = [None] * len(part.rows)
    kinds = [k or "RESIDENCE" for k in part.values.get("kind", nothing)]
    keys = zip(kinds, part.values["line"], strict=True)
    return list(zip(part.rows, keys, zip(*(part.values.get(n, nothing) for n in _PLACE), strict=True), strict=True))


def _row_of(placed: tuple[int, tuple[str, str], Place]) -> int:
    return placed[0]


def _borrower_text(people: Mapping[str, Person], digests: Mapping[str, bytes]) -> str:
    refs = list(people)
    columns: dict[str, Sequence[Any]] = {
        "external_ref": refs,
        "territory": [p.territory for p in people.values()],
        "last_app_login_at": [p.last_app_login_at for p in people.values()],
    }
    if digests:
        columns["source_digest"] = [digests[r] for r in refs]
        for name in ("name", "id_number"):
            texts = [getattr(p, name) for p in people.values()]
            if any(t is not None for t in texts):
                said = [t or "" for t in texts]
                columns[name] = seal_all(texts=said, place=f"cases_borrower.{name}", bound_to=refs)
                columns[f"{name}_index"] = blind_indexes(texts=said, kind=name)
    return BORROWER.text(columns=columns, count=len(refs))


def _phone_text(people: Mapping[str, Person], digests: Mapping[str, bytes]) -> str:
    rows = [(ref, number) for ref in digests for number in people[ref].phones]
    refs, numbers = [r for r, _number in rows], [n for _ref, n in rows]
    indexes = blind_indexes(texts=numbers, kind="phone")
    own = [f"{ref}-{index[:8].hex()}" for ref, index in zip(refs, indexes, strict=True)]
    sealed = seal_all(texts=numbers, place="cases_borrowerphone.number", bound_to=own)
    return PHONE.text(
        columns={"borrower_ref": refs, "external_ref": own, "number": sealed, "number_index": indexes}, count=len(refs)
    )


def _address_text(people: Mapping[str, Person], digests: Mapping[str, bytes]) -> str:
    rows = [(ref, kind, line, place) for ref in digests for (kind, line), place in people[ref].addresses.items()]
    if not rows:
        return ""
    refs, kinds, lines, places = zip(*rows, strict=True)
    taken = keyed_digests(texts=[f"{k}:{line}" for k, line in zip(kinds, lines, strict=True)], kind="address")
    own = [f"{ref}-{digest[:8].hex()}" for ref, digest in zip(refs, taken, strict=True)]
    rest = dict(zip(_PLACE, zip(*places, strict=True), strict=True))
    points = [
        "" if latitude is None or longitude is None else f"{latitude:.6f},{longitude:.6f}"
        for latitude, longitude in zip(rest.pop("latitude"), rest.pop("longitude"), strict=True)
    ]
    columns = {
        "borrower_ref": refs,
        "external_ref": own,
        "kind": kinds,
        "line": seal_all(texts=lines, place="cases_address.line", bound_to=own),
        # Where the feed says no point, the one that is known stays.
        "point": [p or None for p in seal_all(texts=points, place="cases_address.point", bound_to=own)],
    } | rest
    return ADDRESS.text(columns=columns, count=len(refs))
