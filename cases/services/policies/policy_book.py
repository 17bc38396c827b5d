"""Which version judges which accounts: the versions of one business date, one for each segment (a policy book)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from cases.models import PolicyVersion
from cases.rules.policy.body import PolicyRules
from cases.rules.policy.parser import parse_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The version of one segment with its rules. The empty segment is every account without a page of its own."""

    segment: str
    version: PolicyVersion
    rules: PolicyRules


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyBook:
    """The pages ordered by segment; the empty segment, if there is one, comes first."""

    pages: tuple[Page, ...]

    @property
    def segments(self) -> tuple[str, ...]:
        """Return the segments with a page of their own, without the empty one."""
        return tuple(page.segment for page in self.pages if page.segment)

    def accounts_q(self, page: Page, *, path: str = "segment") -> Q:
        """Return the condition under which `page` judges a row; `path` is the lookup from the row to its segment."""
        if page.segment:
            return Q(**{path: page.segment})
        return ~Q(**{f"{path}__in": self.segments}) if self.segments else Q()


def book_of(versions: Mapping[str, PolicyVersion]) -> PolicyBook:
    """
    Return the book of versions that are given by segment.

    :raises InvalidInput: if the body of one is not a valid policy.
    """
    return PolicyBook(
        pages=tuple(
            Page(segment=segment, version=version, rules=parse_policy(version.body))
            for segment, version in sorted(versions.items())
        )
    )
