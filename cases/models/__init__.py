"""The records of the ground floor."""

from cases.models.account import Account, Statement, TermsChange
from cases.models.application import Application
from cases.models.borrower import Address, Borrower, BorrowerFlag, BorrowerPhone
from cases.models.breach import ContactBreach, ContactSource
from cases.models.calendar import HolidayNotice
from cases.models.case import Case, CaseEvent, RuleMute, TriggerHit
from cases.models.complaint import Complaint
from cases.models.concession import ConcessionBudget, Waiver
from cases.models.contact import ContactAttempt, PromiseToPay
from cases.models.decision import Decision
from cases.models.decision_letter import DecisionLetter, LetterDelivery
from cases.models.doubt import DoubtfulCell
from cases.models.facts import AccountFacts
from cases.models.feed import SourceFreshness
from cases.models.history import RetentionRule
from cases.models.intake import (
    IntakeDifference,
    IntakeFile,
    IntakeMissing,
    IntakeReject,
    RejectRelease,
)
from cases.models.legal_step import LegalStep
from cases.models.opt_in import OptInAnswer
from cases.models.outcome import ObservedOutcome
from cases.models.permit import ContactPermit
from cases.models.person import DifferentPeople, MergedBorrower, Person, PersonMerge, SharedNumber
from cases.models.plan import PlanInstalment, RepaymentPlan
from cases.models.policy import Policy, PolicyTerm, PolicyVersion, StrategyUpgrade
from cases.models.prices import RecoveryShare, VisitPrice
from cases.models.profile import IntakeProfile, IntakeProfileVersion, ProfileSample
from cases.models.related import RelatedPerson
from cases.models.repayment import Repayment, RepaymentReversal
from cases.models.run import BreakerLimit, DueEvaluation, EvaluationChunk, EvaluationRun, Quarantine, RunPolicy
from cases.models.schedule import ScheduledInstalment
from cases.models.suspicion import SuspicionSignal
from cases.models.terms import AccountTerm, TermsMeasure
from cases.models.trial import PolicyTrial, ShadowRun
from cases.models.verification import Verification, VerifiedFact
from cases.models.wish import ContactStop, ContactWish

__all__ = [
    "Account",
    "AccountFacts",
    "AccountTerm",
    "Address",
    "Application",
    "Borrower",
    "BorrowerFlag",
    "BorrowerPhone",
    "BreakerLimit",
    "Case",
    "CaseEvent",
    "Complaint",
    "ConcessionBudget",
    "ContactAttempt",
    "ContactBreach",
    "ContactPermit",
    "ContactSource",
    "ContactStop",
    "ContactWish",
    "Decision",
    "DecisionLetter",
    "DifferentPeople",
    "DoubtfulCell",
    "DueEvaluation",
    "EvaluationChunk",
    "EvaluationRun",
    "HolidayNotice",
    "IntakeDifference",
    "IntakeFile",
    "IntakeMissing",
    "IntakeProfile",
    "IntakeProfileVersion",
    "IntakeReject",
    "LegalStep",
    "LetterDelivery",
    "MergedBorrower",
    "ObservedOutcome",
    "OptInAnswer",
    "Person",
    "PersonMerge",
    "PlanInstalment",
    "Policy",
    "PolicyTerm",
    "PolicyTrial",
    "PolicyVersion",
    "ProfileSample",
    "PromiseToPay",
    "Quarantine",
    "RecoveryShare",
    "RejectRelease",
    "RelatedPerson",
    "Repayment",
    "RepaymentPlan",
    "RepaymentReversal",
    "RetentionRule",
    "RuleMute",
    "RunPolicy",
    "ScheduledInstalment",
    "ShadowRun",
    "SharedNumber",
    "SourceFreshness",
    "Statement",
    "StrategyUpgrade",
    "SuspicionSignal",
    "TermsChange",
    "TermsMeasure",
    "TriggerHit",
    "Verification",
    "VerifiedFact",
    "VisitPrice",
    "Waiver",
]
