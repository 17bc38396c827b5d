"""The keys of a profile about its portfolio: `source`, `mode` and `snapshot`."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.enums import IntakeMode, RecordKind
from cases.rules.profile.constants import wrong
from cases.rules.profile.field_sources import only_known
from cases.rules.profile.records import SnapshotRule

MODES: Final = {mode.lower(): str(mode) for mode in IntakeMode}
MISSING: Final = ("close", "flag")
_SOURCE: Final = re.compile(r"[A-Za-z0-9_.-]{1,60}")


def source_key(value: Any) -> str:
    """Return the name of a source. :raises InvalidInput: if it is none."""
    if not isinstance(value, str) or not _SOURCE.fullmatch(value):
        raise wrong("source", _("has 1 to 60 letters, digits, dots, hyphens or underscores"))
    return value


def portfolio_keys(*, body: Mapping[str, Any], kind: RecordKind, name: str) -> dict[str, Any]:
    """
    Return `source`, `mode` and `snapshot` of a profile; without a `source` the profile's `name` is the source.

    :raises InvalidInput: naming the key and the remedy, if a value is not allowed.
    """
    source = source_key(body.get("source", name))
    mode = body.get("mode", "delta")
    if mode not in MODES:
        raise wrong("mode", _("must be one of: {choices}").format(choices=", ".join(MODES)))
    table = body.get("snapshot", {})
    if not isinstance(table, dict):
        raise wrong("snapshot", _("must be a table"))
    only_known(table, {"missing", "max_share"}, where="snapshot")
    if kind != RecordKind.ACCOUNTS and (table or mode == "snapshot"):
        raise wrong("snapshot" if table else "mode", _("is for rows that describe accounts"))
    missing = table.get("missing", "close")
    if missing not in MISSING:
        raise wrong("snapshot.missing", _("must be one of: {choices}").format(choices=", ".join(MISSING)))
    return {
        "source": source,
        "mode": MODES[mode],
        "snapshot": SnapshotRule(missing=missing, max_share=_share(table.get("max_share", "0.2"))),
    }


def _share(value: Any) -> Decimal:
    try:
        share = Decimal(str(value))
    except InvalidOperation:
        share = Decimal(-1)
    if not (share.is_finite() and 0 <= share <= 1):
        raise wrong("snapshot.max_share", _("must be a share from 0 to 1, such as 0.2"))
    return share
