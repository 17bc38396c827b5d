"""Addresses of the first floor's doors, under /api/v1/."""

from rest_framework.routers import SimpleRouter

from visits.api.agencies import AgencyViewSet, CredentialViewSet, PlacementViewSet, PriceViewSet
from visits.api.agreements import VisitAgreementViewSet
from visits.api.answers import LetterAnswerViewSet
from visits.api.call_backs import CallBackViewSet
from visits.api.contradictions import ContradictionViewSet
from visits.api.crew import CrewMemberViewSet
from visits.api.doorstep import CheckInViewSet, EvidenceViewSet, ReportViewSet, VisitOrderViewSet
from visits.api.signed_doors import CrewDeviceViewSet
from visits.api.statements import AgencyStatementViewSet

router = SimpleRouter()
router.register("agencies", AgencyViewSet, basename="agency")
router.register("agency-papers", CredentialViewSet, basename="agency-paper")
router.register("price-cards", PriceViewSet, basename="price-card")
router.register("crew", CrewMemberViewSet, basename="crew")
router.register("member-devices", CrewDeviceViewSet, basename="member-device")
router.register("placements", PlacementViewSet, basename="placement")
router.register("agency-statements", AgencyStatementViewSet, basename="agency-statement")
router.register("visit-orders", VisitOrderViewSet, basename="visit-order")
router.register("check-ins", CheckInViewSet, basename="check-in")
router.register("visit-reports", ReportViewSet, basename="visit-report")
router.register("evidence", EvidenceViewSet, basename="evidence")
router.register("call-backs", CallBackViewSet, basename="call-back")
router.register("contradictions", ContradictionViewSet, basename="contradiction")
router.register("letter-answers", LetterAnswerViewSet, basename="letter-answer")
router.register("visit-agreements", VisitAgreementViewSet, basename="visit-agreement")

urlpatterns = router.urls
