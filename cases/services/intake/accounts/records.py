"""What is known about a batch of account rows, and the batch after it was prepared."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from cases.services.intake.feed import Cells, Prepared


class KnownAccount(NamedTuple):
    """A stored account, as far as a row is compared with it. `as_of` is the day of its figures."""

    borrower_ref: str
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAccounts:
    """
    What the database holds about a batch of account rows.

    `to_read` are the positions in the batch of the rows that have to be read: all but those recognised by their digest.
    `earlier_refs` are account references that earlier batches of the file used, `territories` the codes that exist or
    that the profile makes. `accounts` and `borrower_digests` are by external reference. `borrowers` are the stored ones of
    the batch; None if the rows may bring new ones.
    """

    to_read: Sequence[int]
    earlier_refs: Set[str]
    territories: Set[str]
    accounts: dict[str, KnownAccount]
    borrower_digests: dict[str, bytes]
    borrowers: Set[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderRow:
    """
    A sound row whose figures are of an earlier day than those of the stored account.

    `account` holds the row's account fields by name, None where the row does not give them.
    """

    number: int
    cells: Cells
    account: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedAccounts(Prepared):
    """
    Account rows ready to be merged.

    `borrower_digests` are of borrowers whose content is new or differs from the stored one; `changed_borrowers` are
    those of them that were stored before. `placed_borrowers` are those whose territory may differ from their accounts'.
    `older_rows` are compared with their accounts by the merge. `newest_as_of` is the newest day of the figures that were
    read, those of older rows too; None if none was read.
    """

    borrower_digests: dict[str, bytes] = field(default_factory=dict)
    changed_borrowers: set[str] = field(default_factory=set)
    placed_borrowers: set[str] = field(default_factory=set)
    older_rows: list[OlderRow] = field(default_factory=list)
    newest_as_of: date | None = None
