"""
The limits that ship, one policy for each jurisdiction. Parameters with a source, not law; lawyers must confirm them.

China ships with the limits of the standard and the guideline. The house's stricter ones (2 conversations and 3 tries a
day, 7 conversations a week, 20 a month) are set by the operator: `settings.CONTACT`, from the environment.
"""

from collections.abc import Mapping
from datetime import time
from types import MappingProxyType
from typing import Final

from cases.rules.contact_budget.policy import ContactPolicy, TextStatus

CHINA: Final = ContactPolicy(
    jurisdiction="CN",
    source="GB/T 45251-2025; CBA 2026 guideline",
    version="CN-1",
    # Xinjiang too: the official time counts, not the time of daily life.
    official_time_zone="Asia/Shanghai",
    conversations_a_day=3,
    tries_a_number=6,
)
# CONC names neither hours nor numbers ("reasonable"). The house's hours hold.
UNITED_KINGDOM: Final = ContactPolicy(jurisdiction="UK", source="FCA CONC 7", version="UK-1")
UNITED_STATES: Final = ContactPolicy(
    jurisdiction="US",
    source="Regulation F, 12 CFR 1006.6 and 1006.14",
    version="US-1",
    contact_until=time(21, 0),
    weekend_until=time(21, 0),
    # The text counts by debt; counting by person is stricter.
    calls_a_week=7,
    after_conversation_days=7,
)
AUSTRALIA: Final = ContactPolicy(
    jurisdiction="AU",
    source="ASIC/ACCC RG 96 (13 April 2021)",
    version="AU-1",
    contact_from=time(7, 30),
    contact_until=time(21, 0),
    weekend_from=time(9, 0),
    weekend_until=time(21, 0),
    holidays_off=True,
    conversations_a_week=3,
    conversations_a_month=10,
)
INDIA: Final = ContactPolicy(
    jurisdiction="IN",
    source="RBI draft directions of 2026-02-12",
    status=TextStatus.DRAFT,
    version="IN-1",
    contact_until=time(19, 0),
    weekend_until=time(19, 0),
)
SHIPPED: Final[Mapping[str, ContactPolicy]] = MappingProxyType(
    {policy.jurisdiction: policy for policy in (CHINA, UNITED_KINGDOM, UNITED_STATES, AUSTRALIA, INDIA)}
)
