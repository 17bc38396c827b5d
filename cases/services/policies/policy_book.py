"""Which policy judges whom: the versions of one business date, a page for each segment, read once."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from cases.models import PolicyVersion
from cases.rules.policy.body import PolicyRules
from cases.rules.policy.parser import parse_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One segment's version with its rules. The empty segment is everyone without a page of their own."""

    segment: str
    version: PolicyVersion
    rules: PolicyRules


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyBook:
    """The pages in the order of their segments; the empty one, if there is one, comes first."""

    pages: tuple[Page, ...]

    @property
    def segments(self) -> tuple[str, ...]:
        """Return the segments that have a page of their own."""
        return tuple(page.segment for page in self.pages if page.segment)

    def accounts_q(self, page: Page, *, path: str = "segment") -> Q:
        """Return the condition under which an account is judged by `page`; `path` leads to its segment."""
        if page.segment:
            return Q(**{path: page.segment})
        return ~Q(**{f"{path}__in": self.segments}) if self.segments else Q()


def book_of(versions: Mapping[str, PolicyVersion]) -> PolicyBook:
    """
    Return the book of these versions by segment.

    :raises InvalidInput: if the body of one is not a valid policy.
    """
    return PolicyBook(
        pages=tuple(
            Page(segment=segment, version=version, rules=parse_policy(version.body))
            for segment, version in sorted(versions.items())
        )
    )
