"""The two policy versions of a trial, and the accounts that both judge: those of one segment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from cases.models import PolicyVersion
from cases.rules.policy.body import PolicyRules
from cases.rules.policy.parser import parse_policy
from cases.services.policies.policy_book import Page, PolicyBook, book_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedVersions:
    """
    Two versions over the accounts of one segment. `new` is tried; `old` is what it is compared with, None for nothing.

    `book` holds the policies of all segments. Those of the other segments judge other accounts of the same borrowers,
    the same way for both versions.
    """

    segment: str
    new: PolicyRules
    old: PolicyRules | None
    book: PolicyBook

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of the new version's rules; the position of a code is the bit of its rule."""
        return tuple(rule.code for rule in self.new.rules)

    @property
    def old_codes(self) -> tuple[str, ...]:
        """Return the codes of the old version's rules; the position of a code is the bit of its rule."""
        return () if self.old is None else tuple(rule.code for rule in self.old.rules)

    @property
    def scope(self) -> Q:
        """Return the condition under which the compared versions judge an account."""
        return self.book.accounts_q(self._page)

    def scope_of(self, *, path: str) -> Q:
        """Return the same condition for rows whose segment is reached by the lookup `path`."""
        return self.book.accounts_q(self._page, path=path)

    def elsewhere(self) -> tuple[Page, ...]:
        """Return the policies of the other segments."""
        return tuple(page for page in self.book.pages if page.segment != self.segment)

    @property
    def _page(self) -> Page:
        return next(page for page in self.book.pages if page.segment == self.segment)


def compared_versions(
    *,
    version: PolicyVersion,
    body: Mapping[str, Any],
    against: PolicyVersion | None,
    others: Mapping[str, PolicyVersion],
) -> ComparedVersions:
    """
    Return the comparison of `version` (with the rules `body`) with another version, in the segment of its policy.

    `others` are the versions in force by segment; the one of the same segment is left out.

    :raises InvalidInput: if one of the bodies is not a valid policy.
    """
    segment = version.policy.segment
    return ComparedVersions(
        segment=segment,
        new=parse_policy(body),
        old=None if against is None else parse_policy(against.body),
        book=book_of({**others, segment: against or version}),
    )
