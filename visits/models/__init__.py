"""The records of the first floor."""

from visits.models.agency import Agency, AgencyEvaluation, AgencyTerritory
from visits.models.agency_papers import AgencyCredential, ContractRenewal, PriceCard
from visits.models.agreement import VisitAgreement
from visits.models.contradiction import Contradiction
from visits.models.crew import CrewCertificate, CrewDevice, CrewMember
from visits.models.evidence_part import EvidencePart
from visits.models.household import HouseholdVisit
from visits.models.letter_answer import LetterAnswer
from visits.models.order import CheckIn, Placement, VisitOrder
from visits.models.photo_band import PhotoBand
from visits.models.planning import LetterDue, PlanningCrew, PlanningOrder, PlanningRun
from visits.models.report import DocumentSeen, Evidence, ReportSection, Review, VisitReport
from visits.models.statement import AgencyStatement, StatementLine
from visits.models.sweep import PassedOver, SweepLine
from visits.models.trust import CallBack, ReportShingle, ReportTrust, SecondReview

__all__ = [
    "Agency",
    "AgencyCredential",
    "AgencyEvaluation",
    "AgencyStatement",
    "AgencyTerritory",
    "CallBack",
    "CheckIn",
    "ContractRenewal",
    "Contradiction",
    "CrewCertificate",
    "CrewDevice",
    "CrewMember",
    "DocumentSeen",
    "Evidence",
    "EvidencePart",
    "HouseholdVisit",
    "LetterAnswer",
    "LetterDue",
    "PassedOver",
    "PhotoBand",
    "Placement",
    "PlanningCrew",
    "PlanningOrder",
    "PlanningRun",
    "PriceCard",
    "ReportSection",
    "ReportShingle",
    "ReportTrust",
    "Review",
    "SecondReview",
    "StatementLine",
    "SweepLine",
    "VisitAgreement",
    "VisitOrder",
    "VisitReport",
]
