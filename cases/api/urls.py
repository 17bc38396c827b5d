"""Addresses of the ground floor's doors, under /api/v1/."""

from rest_framework.routers import SimpleRouter

from cases.api.casework import CaseViewSet, DecisionViewSet, PlanViewSet, VerificationViewSet
from cases.api.complaints import ComplaintViewSet
from cases.api.concessions import ConcessionBudgetViewSet, WaiverViewSet
from cases.api.contacts import (
    ContactBreachViewSet,
    ContactPermitViewSet,
    ContactStopViewSet,
    ContactWishViewSet,
)
from cases.api.intake import IntakeViewSet
from cases.api.letters import DecisionLetterViewSet
from cases.api.people import PersonMergeViewSet
from cases.api.policies import PolicyTermViewSet, PolicyVersionViewSet
from cases.api.portfolio import AccountViewSet, BorrowerViewSet, ContactViewSet, TermsChangeViewSet
from cases.api.runs import RunViewSet
from cases.api.suspicion import SuspicionSignalViewSet
from cases.api.trials import PolicyTrialViewSet

router = SimpleRouter()
router.register("intake", IntakeViewSet, basename="intake")
router.register("borrowers", BorrowerViewSet, basename="borrower")
router.register("person-merges", PersonMergeViewSet, basename="person-merge")
router.register("accounts", AccountViewSet, basename="account")
router.register("contacts", ContactViewSet, basename="contact")
router.register("contact-permits", ContactPermitViewSet, basename="contact-permit")
router.register("contact-breaches", ContactBreachViewSet, basename="contact-breach")
router.register("contact-wishes", ContactWishViewSet, basename="contact-wish")
router.register("contact-stops", ContactStopViewSet, basename="contact-stop")
router.register("suspicion-signals", SuspicionSignalViewSet, basename="suspicion-signal")
router.register("terms-changes", TermsChangeViewSet, basename="terms-change")
router.register("cases", CaseViewSet, basename="case")
router.register("verifications", VerificationViewSet, basename="verification")
router.register("decisions", DecisionViewSet, basename="decision")
router.register("decision-letters", DecisionLetterViewSet, basename="decision-letter")
router.register("repayment-plans", PlanViewSet, basename="repayment-plan")
router.register("waivers", WaiverViewSet, basename="waiver")
router.register("concession-budgets", ConcessionBudgetViewSet, basename="concession-budget")
router.register("complaints", ComplaintViewSet, basename="complaint")
router.register("evaluation-runs", RunViewSet, basename="evaluation-run")
router.register("policy-versions", PolicyVersionViewSet, basename="policy-version")
router.register("policy-terms", PolicyTermViewSet, basename="policy-term")
router.register("policy-trials", PolicyTrialViewSet, basename="policy-trial")

urlpatterns = router.urls
