"""
The borrowers of a batch as COPY text. Personal data is sealed only for borrowers whose digest is not the stored one.

Rows of one borrower are combined: of name and identity number the last row counts, telephones, addresses and doubts add up,
and the territory is the one of most rows.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from backoffice.core.sealed.sealing import blind_indexes, keyed_digests, seal_all
from cases.enums import AddressKind
from cases.rules.parts_of_borrowers import part_reference
from cases.rules.profile.read_columns import Part, ReadColumns
from cases.rules.profile.refusals import Doubt
from cases.services.intake.accounts.applications import application_text, stated_by_rows, stated_text
from cases.services.intake.accounts.doubts import BorrowerDoubt, borrower_doubt, doubt_text
from cases.services.intake.accounts.tables import ADDRESS, APPLICATION, BORROWER, DOUBT, PHONE


class AddressKey(NamedTuple):
    """What identifies an address of a borrower."""

    kind: str
    line: str


class AddressDetails(NamedTuple):
    """The rest of an address; None where the row does not give it. The names are those of the profile's fields."""

    latitude: Any
    longitude: Any
    adcode: Any
    is_rural: Any
    source: Any
    confidence: Any
    first_seen_on: Any
    last_verified_on: Any


class _RowAddress(NamedTuple):
    row: int
    key: AddressKey
    details: AddressDetails


# Separators of the text that is digested: cells hold no control characters.
_UNIT, _RECORD, _ABSENT = "\x1f", "\x1e", "\x00"
_CELL_FIELDS: Final = ("name", "id_number", "id_document", "last_app_login_at")


@dataclass(slots=True, kw_only=True)
class BorrowerContent:
    """What the rows of a batch hold about one borrower."""

    name: str | None = None
    id_number: str | None = None
    id_document: str | None = None
    last_app_login_at: Any = None
    # How many rows name each territory.
    territories: Counter[str] = field(default_factory=Counter)
    # Extensions by number, in the order of the rows.
    phones: dict[str, str] = field(default_factory=dict)
    addresses: dict[AddressKey, AddressDetails] = field(default_factory=dict)
    # What was stated when applying, by field; None where the rows say nothing of it.
    stated: Mapping[str, Any] | None = None
    doubts: dict[tuple[str, str], BorrowerDoubt] = field(default_factory=dict)

    @property
    def territory(self) -> str | None:
        """The territory of most rows; of several the one with the smallest code, whatever the order of the rows."""
        if not self.territories:
            return None
        return min(self.territories, key=lambda code: (-self.territories[code], code))

    def digested_text(self) -> str:
        """Return the text that the borrower's digest is taken of. The last login is no part of it."""
        addresses = _RECORD.join(_UNIT.join(map(str, (*key, *self.addresses[key]))) for key in sorted(self.addresses))
        phones = _UNIT.join(f"{number};{self.phones[number]}" for number in sorted(self.phones))
        doubts = _RECORD.join(_UNIT.join(key) for key in sorted(self.doubts))
        texts = (
            _ABSENT if text is None else text for text in (self.territory, self.name, self.id_number, self.id_document)
        )
        # Nothing for borrowers without an application, whose digest is the same as before there were any.
        stated = () if self.stated is None else (stated_text(stated=self.stated),)
        return _RECORD.join((*texts, phones, addresses, doubts, *stated))


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedBorrowers:
    """
    COPY text by staging table, and the digest of each borrower whose content differs from the stored one.

    `divided` are the borrowers whose rows name several territories.
    """

    text: dict[str, str]
    digests: dict[str, bytes]
    divided: list[str]


def stage_borrowers(
    *, read: ReadColumns, refs: Sequence[str], known_digests: Mapping[str, bytes], reads_personal: bool
) -> StagedBorrowers:
    """
    Return the COPY text of borrowers, telephones and addresses.

    `refs` are the borrowers of the sound rows of `read`, in their order; `known_digests` are the stored ones. Without
    `reads_personal` the rows hold nothing that is sealed, and no digest is taken.
    """
    borrowers = _combined(read, refs)
    digests: dict[str, bytes] = {}
    if reads_personal:
        taken = keyed_digests(texts=[content.digested_text() for content in borrowers.values()], kind="borrower")
        digests = {
            ref: digest for ref, digest in zip(borrowers, taken, strict=True) if known_digests.get(ref) != digest
        }
    # With an equal digest only the last login can differ; without digests also the territory.
    unsealed = {
        ref: content
        for ref, content in borrowers.items()
        if ref not in digests
        and (content.last_app_login_at is not None or (content.territory is not None and not reads_personal))
    }
    text = {
        BORROWER.stage: _borrower_text(unsealed, {})
        + _borrower_text({ref: borrowers[ref] for ref in digests}, digests),
        PHONE.stage: _phone_text(borrowers, digests),
        ADDRESS.stage: _address_text(borrowers, digests),
        APPLICATION.stage: application_text(
            stated={ref: stated for ref in digests if (stated := borrowers[ref].stated) is not None}
        ),
        DOUBT.stage: doubt_text(
            doubts=(
                (ref, doubt)
                for ref, content in borrowers.items()
                if ref in digests or not reads_personal
                for doubt in content.doubts.values()
            )
        ),
    }
    divided = [ref for ref, content in borrowers.items() if len(content.territories) > 1]
    return StagedBorrowers(text=text, digests=digests, divided=divided)


def stage_contact_details(*, read: ReadColumns, refs: Sequence[str]) -> StagedBorrowers:
    """Return the COPY text of the telephones, addresses and doubts of rows that add to stored borrowers."""
    borrowers = _combined(read, refs)
    everybody = dict.fromkeys(borrowers, b"")
    doubts = ((ref, doubt) for ref, content in borrowers.items() for doubt in content.doubts.values())
    text = {
        PHONE.stage: _phone_text(borrowers, everybody),
        ADDRESS.stage: _address_text(borrowers, everybody),
        DOUBT.stage: doubt_text(doubts=doubts),
    }
    return StagedBorrowers(text=text, digests={}, divided=[])


def _combined(read: ReadColumns, refs: Sequence[str]) -> dict[str, BorrowerContent]:
    borrowers: dict[str, BorrowerContent] = {}
    rows = []
    for ref in refs:
        content = borrowers.get(ref)
        if content is None:
            content = borrowers[ref] = BorrowerContent()
        rows.append(content)
    for name in _CELL_FIELDS:
        # A field that the profile does not map has no column.
        for content, value in zip(rows, read.single.get("borrower", {}).get(name, ()), strict=False):
            if value is not None:
                setattr(content, name, value)
    for content, code in zip(rows, read.single.get("borrower", {}).get("territory", ()), strict=False):
        if code is not None:
            content.territories[code] += 1
    for ref, stated in stated_by_rows(columns=read.single.get("application", {}), refs=refs).items():
        borrowers[ref].stated = stated
    for part in read.repeated.get("phones", ()):
        for row, found in zip(part.rows, part.values["number"], strict=True):
            for telephone in found.telephones if found else ():
                rows[row].phones.setdefault(telephone.number, telephone.extension)
    if read.doubts:
        for content, position in zip(rows, read.sound, strict=True):
            for doubt in map(_borrower_doubt, read.doubts.get(position, ())):
                content.doubts[doubt.field, doubt.value] = doubt
    # Blocks are read one after another: sorted by row, since the last row with an address counts.
    addresses = [address for part in read.repeated.get("addresses", ()) for address in _addresses_of(part)]
    for address in sorted(addresses, key=_row_of):
        if address.key.line:
            rows[address.row].addresses[address.key] = address.details
    return borrowers


def _borrower_doubt(doubt: Doubt) -> BorrowerDoubt:
    return borrower_doubt(doubt=doubt)


def _addresses_of(part: Part) -> list[_RowAddress]:
    absent = [None] * len(part.rows)
    kinds = [kind or str(AddressKind.RESIDENCE) for kind in part.values.get("kind", absent)]
    keys = map(AddressKey, kinds, part.values["line"])
    details = map(AddressDetails, *(part.values.get(name, absent) for name in AddressDetails._fields))
    return list(map(_RowAddress, part.rows, keys, details))


def _row_of(address: _RowAddress) -> int:
    return address.row


def _borrower_text(borrowers: Mapping[str, BorrowerContent], digests: Mapping[str, bytes]) -> str:
    """Return the COPY text of borrowers; with `digests` their sealed fields as well, without these stay as stored."""
    refs = list(borrowers)
    columns: dict[str, Sequence[Any]] = {
        "external_ref": refs,
        "territory": [content.territory for content in borrowers.values()],
        "last_app_login_at": [content.last_app_login_at for content in borrowers.values()],
    }
    if digests:
        columns["source_digest"] = [digests[ref] for ref in refs]
        for name in ("name", "id_number"):
            given = [getattr(content, name) for content in borrowers.values()]
            if any(text is not None for text in given):
                texts = [text or "" for text in given]
                sealed = seal_all(texts=texts, place=f"cases_borrower.{name}", bound_to=refs)
                indexes = blind_indexes(texts=texts, kind=name)
                # None leaves the stored value: a number that the lender sends with a slip does not replace a sound one.
                columns[name] = [None if text is None else value for text, value in zip(given, sealed, strict=True)]
                columns[f"{name}_index"] = [
                    None if text is None else index for text, index in zip(given, indexes, strict=True)
                ]
        columns["id_document"] = [content.id_document for content in borrowers.values()]
    return BORROWER.text(columns=columns, count=len(refs))


def _phone_text(borrowers: Mapping[str, BorrowerContent], digests: Mapping[str, bytes]) -> str:
    rows = [(ref, *phone) for ref in digests for phone in borrowers[ref].phones.items()]
    borrower_refs, numbers = [ref for ref, _number, _extension in rows], [number for _ref, number, _extension in rows]
    extensions = [extension for _ref, _number, extension in rows]
    indexes = blind_indexes(texts=numbers, kind="phone")
    refs = [part_reference(borrower_ref=ref, digest=index) for ref, index in zip(borrower_refs, indexes, strict=True)]
    columns: dict[str, Sequence[Any]] = {
        "borrower_ref": borrower_refs,
        "external_ref": refs,
        "number": seal_all(texts=numbers, place="cases_borrowerphone.number", bound_to=refs),
        "number_index": indexes,
    }
    if any(extensions):
        columns["extension"] = seal_all(texts=extensions, place="cases_borrowerphone.extension", bound_to=refs)
    return PHONE.text(columns=columns, count=len(refs))


def _address_text(borrowers: Mapping[str, BorrowerContent], digests: Mapping[str, bytes]) -> str:
    rows = [(ref, key, details) for ref in digests for key, details in borrowers[ref].addresses.items()]
    if not rows:
        return ""
    borrower_refs = [ref for ref, _key, _details in rows]
    keys = [key for _ref, key, _details in rows]
    details = [details for _ref, _key, details in rows]
    taken = keyed_digests(texts=[f"{key.kind}:{key.line}" for key in keys], kind="address")
    refs = [part_reference(borrower_ref=ref, digest=digest) for ref, digest in zip(borrower_refs, taken, strict=True)]
    points = [
        "" if each.latitude is None or each.longitude is None else f"{each.latitude:.6f},{each.longitude:.6f}"
        for each in details
    ]
    columns: dict[str, Sequence[Any]] = {
        "borrower_ref": borrower_refs,
        "external_ref": refs,
        "kind": [key.kind for key in keys],
        "line": seal_all(texts=[key.line for key in keys], place="cases_address.line", bound_to=refs),
        "door_index": blind_indexes(texts=[key.line for key in keys], kind="door"),
        # None leaves the stored point as it is.
        "point": [sealed or None for sealed in seal_all(texts=points, place="cases_address.point", bound_to=refs)],
    }
    for name in ("adcode", "is_rural", "source", "confidence", "first_seen_on", "last_verified_on"):
        columns[name] = [getattr(each, name) for each in details]
    return ADDRESS.text(columns=columns, count=len(refs))
