"""The records of the first floor."""

from visits.models.agency import Agency, AgencyEvaluation, AgencyTerritory, CrewCertificate, CrewMember, PriceCard
from visits.models.order import CheckIn, Placement, VisitOrder
from visits.models.report import DocumentSeen, Evidence, ReportSection, Review, VisitReport
from visits.models.statement import AgencyStatement, StatementLine

__all__ = [
    "Agency",
    "AgencyEvaluation",
    "AgencyStatement",
    "AgencyTerritory",
    "CheckIn",
    "CrewCertificate",
    "CrewMember",
    "DocumentSeen",
    "Evidence",
    "Placement",
    "PriceCard",
    "ReportSection",
    "Review",
    "StatementLine",
    "VisitOrder",
    "VisitReport",
]
