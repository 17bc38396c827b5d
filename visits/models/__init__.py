"""The records of the first floor."""

from visits.models.agency import Agency, AgencyEvaluation, AgencyTerritory, CrewCertificate, CrewMember, PriceCard
from visits.models.order import CheckIn, Placement, VisitOrder
from visits.models.report import DocumentSeen, Evidence, ReportSection, Review, VisitReport
from visits.models.sweep import PassedOver, SweepLine

__all__ = [
    "Agency",
    "AgencyEvaluation",
    "AgencyTerritory",
    "CheckIn",
    "CrewCertificate",
    "CrewMember",
    "DocumentSeen",
    "Evidence",
    "PassedOver",
    "Placement",
    "PriceCard",
    "ReportSection",
    "Review",
    "SweepLine",
    "VisitOrder",
    "VisitReport",
]
