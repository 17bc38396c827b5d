"""What programs may do by the scopes of their tokens, and which scopes one client cannot hold together."""

from collections.abc import Iterable

from backoffice.access.permission_groups import AGENCY_PROGRAM, FIRM_ENTRY

# What a machine client may do by each of its scopes (settings.OAUTH2_PROVIDER["SCOPES"]). Its doors ask the token for
# the scope as well, so that a token of fewer scopes does less than its client could.
SCOPE_PERMISSIONS: dict[str, frozenset[str]] = {
    "portfolio:write": frozenset({"cases.run_intake", "cases.record_contact", "cases.receive_complaint"}),
    "contacts:ask": frozenset({"cases.ask_contactpermit", "cases.add_contactstop"}),
    "letters:deliver": frozenset({"cases.report_letterdelivery"}),
    "visits:write": frozenset(AGENCY_PROGRAM),
    "agencies:write": frozenset(FIRM_ENTRY),
}
# Who does visits is an agency's program: it sees the visits of the agencies that name it among their coordinators.
AGENCY_SCOPE = "visits:write"
# Such a program sees its agencies' visits and nothing else, so that any further scope would find no rows.
AGENCY_SCOPES = frozenset({AGENCY_SCOPE, "visits:read"})


def conflicting_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes that one client cannot hold together with `visits:write`, sorted; none if all go together."""
    held = set(scopes)
    return tuple(sorted(held - AGENCY_SCOPES)) if AGENCY_SCOPE in held else ()
