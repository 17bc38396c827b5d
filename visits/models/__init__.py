"""The records of the first floor."""

from visits.models.agency import Agency, AgencyEvaluation, AgencyTerritory, CrewCertificate, CrewMember, PriceCard
from visits.models.order import CheckIn, Placement, VisitOrder
from visits.models.planning import LetterDue, PlanningCrew, PlanningOrder, PlanningRun
from visits.models.report import DocumentSeen, Evidence, ReportSection, Review, VisitReport

__all__ = [
    "Agency",
    "AgencyEvaluation",
    "AgencyTerritory",
    "CheckIn",
    "CrewCertificate",
    "CrewMember",
    "DocumentSeen",
    "Evidence",
    "LetterDue",
    "Placement",
    "PlanningCrew",
    "PlanningOrder",
    "PlanningRun",
    "PriceCard",
    "ReportSection",
    "Review",
    "VisitOrder",
    "VisitReport",
]
