"""What an outside firm's people may see of a visit: the least that the visit needs, and nothing of the debt."""

from dataclasses import dataclass
from datetime import datetime

from visits.enums import VisitState
from visits.models import VisitOrder
from visits.rules.conduct.agreements import RECEPTION_ONLY

# The crew needs the address to go there: clear from acceptance until the report is in.
ADDRESS_CLEAR = frozenset({VisitState.ACCEPTED, VisitState.EN_ROUTE, VisitState.CHECKED_IN})


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastView:
    """
    One visit as agency and crew see it. No amounts, no telephone, no identity number, no reasons. `reception_only`: at a
    workplace they ask for the borrower at the reception and go no further.

    `may_see_address` says that `services.orders.address_reveal.reveal_visit_address` would show it (and log that it did).
    """

    order_ref: str
    state: str
    borrower_name: str
    address: str
    district_code: str
    is_rural: bool
    reception_only: bool
    may_see_address: bool
    purposes: tuple[str, ...]
    window_start: datetime | None
    window_end: datetime | None
    planned_arrival_at: datetime | None
    route_position: int | None
    crew_badges: tuple[str, ...]


def is_reception_only(*, order: VisitOrder) -> bool:
    """Return whether the crew may go no further than the reception; reads the address."""
    return order.address.kind in RECEPTION_ONLY


def least_view(*, order: VisitOrder) -> LeastView:
    """
    Return the least view of `order`: name and address masked, whatever the state.

    Reads case, borrower, address, lead and second: select them with the order.
    """
    crew = [member.external_ref for member in (order.lead, order.second) if member is not None]
    return LeastView(
        order_ref=str(order),
        state=order.state,
        borrower_name=order.case.borrower.masked_name,
        address=order.address.masked_line,
        district_code=order.address.adcode,
        is_rural=order.address.is_rural,
        reception_only=is_reception_only(order=order),
        may_see_address=order.state in ADDRESS_CLEAR,
        purposes=tuple(order.purposes),
        window_start=order.window_start,
        window_end=order.window_end,
        planned_arrival_at=order.planned_arrival_at,
        route_position=order.route_position,
        crew_badges=tuple(crew),
    )
