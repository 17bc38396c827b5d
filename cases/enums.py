"""The codes of the ground floor. Values are UPPER_SNAKE in the database, labels are for people."""

from enum import StrEnum
from typing import Final

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Product(TextChoices):
    CONSUMER = "CONSUMER", _("Consumer instalments")
    CASH = "CASH", _("Cash instalments")
    CARD = "CARD", _("Credit card")


class AccountStatus(TextChoices):
    ACTIVE = "ACTIVE", _("Active")
    FROZEN = "FROZEN", _("Frozen")
    CLOSED = "CLOSED", _("Closed")
    WRITTEN_OFF = "WRITTEN_OFF", _("Written off")


class AssetTier(TextChoices):
    """The five tiers of risk that a lender classifies its assets by."""

    NORMAL = "NORMAL", _("Normal")
    SPECIAL_MENTION = "SPECIAL_MENTION", _("Special mention")
    SUBSTANDARD = "SUBSTANDARD", _("Substandard")
    DOUBTFUL = "DOUBTFUL", _("Doubtful")
    LOSS = "LOSS", _("Loss")


class AddressKind(TextChoices):
    REGISTER = "REGISTER", _("Household register")
    RESIDENCE = "RESIDENCE", _("Current residence")
    EMPLOYER = "EMPLOYER", _("Employer")
    BUSINESS = "BUSINESS", _("Business premises")
    PROPERTY = "PROPERTY", _("Owned property")
    MAILING = "MAILING", _("Mailing")
    SCHOOL = "SCHOOL", _("School (never visited)")
    RELATIVE = "RELATIVE", _("Relative's")
    NEW = "NEW", _("Newly found")


class ContactVerdict(TextChoices):
    """Whether a telephone number or an address still serves."""

    UNKNOWN = "UNKNOWN", _("Not checked")
    VALID = "VALID", _("Valid")
    INVALID = "INVALID", _("Invalid")
    DOUBTFUL = "DOUBTFUL", _("Doubtful")


class FlagKind(TextChoices):
    """Circumstances that change what may be done. Most forbid visits."""

    VULNERABLE = "VULNERABLE", _("Special care")
    HARDSHIP = "HARDSHIP", _("Hardship")
    BEREAVED = "BEREAVED", _("Bereaved")
    DECEASED = "DECEASED", _("Deceased")
    REPRESENTED = "REPRESENTED", _("Has a representative")
    DISPUTED = "DISPUTED", _("Debt disputed")
    COMPLAINT = "COMPLAINT", _("Complaint open")
    CEASE = "CEASE", _("Collection ceased")
    DISASTER = "DISASTER", _("Disaster")
    HOSPITAL = "HOSPITAL", _("In hospital")
    DETAINED = "DETAINED", _("Detained")
    FRAUD_CLAIM = "FRAUD_CLAIM", _("Says the loan is not theirs")
    OPTED_OUT_OF_VISITS = "OPTED_OUT_OF_VISITS", _("Declined visits")
    ILLNESS = "ILLNESS", _("Illness")
    CHILDBIRTH = "CHILDBIRTH", _("Pregnancy or childbirth")
    DISABLED = "DISABLED", _("Disabled")
    AGED = "AGED", _("Aged 70 or over")
    SELF_HARM = "SELF_HARM", _("Spoke of self-harm")
    OCCASION = "OCCASION", _("Marriage or religious festival")


# Health, age and family life are no reason for anything (PIPL 24): no feature of a policy tells these kinds apart. They
# protect, and count among the protecting circumstances as a whole.
NEVER_FEATURES: frozenset[str] = frozenset(
    {
        FlagKind.ILLNESS,
        FlagKind.CHILDBIRTH,
        FlagKind.DISABLED,
        FlagKind.AGED,
        FlagKind.SELF_HARM,
        FlagKind.OCCASION,
    }
)


class WordMark(TextChoices):
    """What a text was found to hold. A person judges what was meant."""

    CLAIM = "CLAIM", _("Threat or false claim of legal effect")
    DEBT = "DEBT", _("Word that tells a third person of a debt")
    SELF_HARM = "SELF_HARM", _("Word of self-harm")
    HEARSAY = "HEARSAY", _("What a third person said")
    NAME = "NAME", _("Name of a third person")
    TELEPHONE = "TELEPHONE", _("Telephone number")
    IDENTITY_NUMBER = "IDENTITY_NUMBER", _("Identity number")


class FlagSource(TextChoices):
    """Where a circumstance is known from."""

    CALL = "CALL", _("Telephone call")
    LETTER = "LETTER", _("Letter or message")
    DOCUMENT = "DOCUMENT", _("Document")
    VISIT = "VISIT", _("Visit report")
    COMPLAINT = "COMPLAINT", _("Complaint or appeal")
    DECISION = "DECISION", _("Decision")
    PUBLIC_NOTICE = "PUBLIC_NOTICE", _("Public notice")
    OTHER = "OTHER", _("Other, see the note")


class Channel(TextChoices):
    APP = "APP", _("App")
    SMS = "SMS", _("SMS")
    VOICE = "VOICE", _("Voice call")
    LETTER = "LETTER", _("Letter")
    VISIT = "VISIT", _("Visit")


class Direction(TextChoices):
    OUTBOUND = "OUTBOUND", _("Outbound")
    INBOUND = "INBOUND", _("Inbound")


class ContactOutcome(TextChoices):
    RIGHT_PARTY = "RIGHT_PARTY", _("Borrower reached")
    TALK_REFUSED = "TALK_REFUSED", _("Borrower declined to talk")
    THIRD_PARTY = "THIRD_PARTY", _("Somebody else answered")
    READ = "READ", _("Read")
    DELIVERED = "DELIVERED", _("Delivered")
    NO_ANSWER = "NO_ANSWER", _("No answer")
    BUSY = "BUSY", _("Busy")
    REFUSED = "REFUSED", _("Call refused")
    SWITCHED_OFF = "SWITCHED_OFF", _("Switched off")
    SUSPENDED = "SUSPENDED", _("Number suspended")
    NO_SUCH_NUMBER = "NO_SUCH_NUMBER", _("No such number")
    NEW_OWNER = "NEW_OWNER", _("Number has a new owner")
    NOT_DELIVERED = "NOT_DELIVERED", _("Not delivered")


# Outcomes in which the borrower in person was spoken to or read the message.
REACHED_OUTCOMES: tuple[str, ...] = (ContactOutcome.RIGHT_PARTY, ContactOutcome.TALK_REFUSED, ContactOutcome.READ)


class ContactPurpose(TextChoices):
    """Why somebody is contacted. Only the first three are collection."""

    COLLECTION = "COLLECTION", _("Ask for payment")
    VERIFICATION = "VERIFICATION", _("Check facts")
    VISIT_NOTICE = "VISIT_NOTICE", _("Announce a visit")
    DUE_REMINDER = "DUE_REMINDER", _("Remind of a due day")
    COMPLAINT_ANSWER = "COMPLAINT_ANSWER", _("Answer a complaint")
    REQUEST_ANSWER = "REQUEST_ANSWER", _("Answer a request of the borrower")
    RESTORE_CONTACT = "RESTORE_CONTACT", _("Ask a contact person to restore contact")


class ContactRule(TextChoices):
    """A rule that can refuse a contact. The value is stable: it is stored with refusals."""

    QUIET_HOURS = "QUIET_HOURS", _("Quiet hours")
    HOLIDAY = "HOLIDAY", _("National holiday")
    AGREED_TIME = "AGREED_TIME", _("Outside the times that the borrower named")
    CONVERSATIONS_A_DAY = "CONVERSATIONS_A_DAY", _("Conversations of the day used up")
    CONVERSATIONS_A_WEEK = "CONVERSATIONS_A_WEEK", _("Conversations of 7 days used up")
    CONVERSATIONS_A_MONTH = "CONVERSATIONS_A_MONTH", _("Conversations of 30 days used up")
    TRIES_A_NUMBER = "TRIES_A_NUMBER", _("Tries of the number used up for the day")
    CALLS_A_WEEK = "CALLS_A_WEEK", _("Calls of 7 days used up")
    AFTER_CONVERSATION = "AFTER_CONVERSATION", _("Too soon after a conversation")
    AFTER_PROMISE = "AFTER_PROMISE", _("A promise to pay runs")
    AFTER_REFUSAL = "AFTER_REFUSAL", _("The borrower declined to talk")
    PLAN_ACTIVE = "PLAN_ACTIVE", _("A repayment plan runs")
    GRACE = "GRACE", _("A grace runs")
    CIRCUMSTANCE = "CIRCUMSTANCE", _("A circumstance forbids it")
    REPRESENTED = "REPRESENTED", _("Only the representative is contacted")
    CONTACT_PERSON = "CONTACT_PERSON", _("Contact persons only if the borrower cannot be reached")
    PURPOSE = "PURPOSE", _("Not with this person for this purpose")
    ROLE_ENDED = "ROLE_ENDED", _("The relation has ended")
    NUMBER_STOPPED = "NUMBER_STOPPED", _("Nobody may be contacted by this number")


class PermitState(TextChoices):
    """What became of a question whether somebody may be contacted."""

    RESERVED = "RESERVED", _("Allowed")
    REFUSED = "REFUSED", _("Refused")
    USED = "USED", _("Used by a contact")
    RELEASED = "RELEASED", _("Given back")
    EXPIRED = "EXPIRED", _("Not used in time")


class ContactSourceKind(TextChoices):
    """Who reports contacts."""

    CLIENT = "CLIENT", _("Machine client")
    FEED = "FEED", _("Intake profile")
    DESK = "DESK", _("Case officers")
    VISIT = "VISIT", _("Agency's visits")


class BreachKind(TextChoices):
    """What was wrong with a contact that was made."""

    QUIET_HOURS = "QUIET_HOURS", _("In quiet hours")
    HOLIDAY = "HOLIDAY", _("On a national holiday")
    CONVERSATIONS_A_DAY = "CONVERSATIONS_A_DAY", _("More conversations than allowed on a day")
    TRIES_A_NUMBER = "TRIES_A_NUMBER", _("More tries of a number than allowed on a day")
    NUMBER_STOPPED = "NUMBER_STOPPED", _("A number that must not be used")
    NO_PERMIT = "NO_PERMIT", _("Without a permit")
    UNKNOWN_PERMIT = "UNKNOWN_PERMIT", _("With a permit that does not exist")
    DESPITE_REFUSAL = "DESPITE_REFUSAL", _("Although the permit was refused")
    PERMIT_GONE = "PERMIT_GONE", _("With a permit that was given back")
    USED_TWICE = "USED_TWICE", _("With a permit that another contact used")
    REPORTED_LATE = "REPORTED_LATE", _("Reported after the permit had lapsed")
    OUTSIDE_VALIDITY = "OUTSIDE_VALIDITY", _("Before or after the permit's time")
    OTHER_PERSON = "OTHER_PERSON", _("With another person's permit")
    OTHER_CHANNEL = "OTHER_CHANNEL", _("By another channel than permitted")
    OTHER_NUMBER = "OTHER_NUMBER", _("By another number than permitted")


class WishKind(TextChoices):
    """What a borrower's wish about times does."""

    ALSO_THEN = "ALSO_THEN", _("Also at this time, outside the usual hours")
    ONLY_THEN = "ONLY_THEN", _("Only at this time")


class PromiseState(TextChoices):
    OPEN = "OPEN", _("Open")
    KEPT = "KEPT", _("Kept")
    BROKEN = "BROKEN", _("Broken")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class IdDocument(TextChoices):
    """The document that an identity number belongs to."""

    RESIDENT_ID = "RESIDENT_ID", _("Resident identity card")
    PASSPORT = "PASSPORT", _("Passport")
    HK_MACAO_PERMIT = "HK_MACAO_PERMIT", _("Mainland travel permit, Hong Kong and Macao")
    TAIWAN_PERMIT = "TAIWAN_PERMIT", _("Mainland travel permit, Taiwan")
    FOREIGN_PERMANENT = "FOREIGN_PERMANENT", _("Permanent residence card of a foreigner")
    MILITARY_ID = "MILITARY_ID", _("Military identity card")
    OTHER = "OTHER", _("Another document")


class RelatedRole(TextChoices):
    """How somebody is related to a borrower's debt. Only those who owe it are asked to pay."""

    CO_BORROWER = "CO_BORROWER", _("Co-borrower")
    GUARANTOR = "GUARANTOR", _("Guarantor")
    SPOUSE = "SPOUSE", _("Spouse")
    REPRESENTATIVE = "REPRESENTATIVE", _("Representative")
    CONTACT_PERSON = "CONTACT_PERSON", _("Contact person")
    OTHER = "OTHER", _("Another relation")


class DoubtState(TextChoices):
    """What became of a cell that was taken with a doubt."""

    OPEN = "OPEN", _("Waits for the desk")
    GONE = "GONE", _("The lender sends another value now")
    CORRECTED = "CORRECTED", _("Corrected here")
    ACCEPTED = "ACCEPTED", _("Right as it stands")
    FALSE = "FALSE", _("Found to be false")


class MergeGround(TextChoices):
    """Why borrowers are held to be one person; the first is the rule's, the others are of people."""

    SAME_ID_NUMBER = "SAME_ID_NUMBER", _("Same identity number")
    DOCUMENT_SEEN = "DOCUMENT_SEEN", _("The identity document was seen")
    BORROWER_SAYS = "BORROWER_SAYS", _("The borrower says so")
    LENDER_SAYS = "LENDER_SAYS", _("The lender says so")
    SAME_CONTACT_DATA = "SAME_CONTACT_DATA", _("Same name and telephone")


class PersonMergeState(TextChoices):
    """What became of the suggestion that borrowers are one person."""

    SUGGESTED = "SUGGESTED", _("Suggested")
    APPROVED = "APPROVED", _("Merged")
    PART_SUGGESTED = "PART_SUGGESTED", _("Merged, to be parted?")
    REFUSED = "REFUSED", _("Different people")
    UNDONE = "UNDONE", _("Merge undone")
    LAPSED = "LAPSED", _("No longer suggested")


class SignalKind(TextChoices):
    """What makes stated facts doubtful. A signal is a reason to verify, never a finding."""

    FALSE_IDENTITY = "FALSE_IDENTITY", _("Identity data do not fit")
    FALSE_EMPLOYER = "FALSE_EMPLOYER", _("Employer does not fit")
    FALSE_INCOME = "FALSE_INCOME", _("Income data do not fit")
    FALSE_ADDRESS = "FALSE_ADDRESS", _("Address does not fit")
    EVASION = "EVASION", _("Contact data changed after contact")
    DEVICE_SHARED = "DEVICE_SHARED", _("Device shared by many applicants")
    DOCUMENT_DOUBTFUL = "DOCUMENT_DOUBTFUL", _("Document doubtful")


class PolicyState(TextChoices):
    DRAFT = "DRAFT", _("Draft")
    SUBMITTED = "SUBMITTED", _("Submitted")
    APPROVED = "APPROVED", _("Approved")
    ACTIVE = "ACTIVE", _("Active")
    RETIRED = "RETIRED", _("Retired")


class Job(TextChoices):
    TRIGGERS = "TRIGGERS", _("Triggers")
    STANDING = "STANDING", _("Standing")


class RunState(TextChoices):
    RUNNING = "RUNNING", _("Running")
    PAUSED = "PAUSED", _("Paused")
    HELD = "HELD", _("Waits for an approver")
    FINISHED = "FINISHED", _("Finished")
    FAILED = "FAILED", _("Failed")
    CANCELLED = "CANCELLED", _("Cancelled")


class RunPhase(TextChoices):
    """A run first previews every chunk (facts are written, effects are counted), and only then applies any."""

    PREVIEWING = "PREVIEWING", _("Previewing")
    APPLYING = "APPLYING", _("Applying")


class Measure(TextChoices):
    """What a circuit breaker counts."""

    OPENED = "OPENED", _("Cases opened")
    REWARDED = "REWARDED", _("Accounts rewarded")
    RESTRICTED = "RESTRICTED", _("Accounts restricted")
    FIGURES = "FIGURES", _("Accounts with old figures")


class HistoryKind(TextChoices):
    """What grows every day and is kept by month."""

    FACTS = "FACTS", _("Facts of accounts")
    HITS = "HITS", _("Reasons that ended")
    CONTACTS = "CONTACTS", _("Contact attempts")


class ChunkState(TextChoices):
    READY = "READY", _("Ready")
    LEASED = "LEASED", _("Leased")
    DONE = "DONE", _("Done")
    SPLIT = "SPLIT", _("Split")
    DEAD = "DEAD", _("Given up")


class CaseStage(TextChoices):
    OPEN = "OPEN", _("Open")
    IN_WORK = "IN_WORK", _("In work")
    VISITING = "VISITING", _("With a visit")
    VERIFIED = "VERIFIED", _("Verified")
    DECIDED = "DECIDED", _("Decision proposed")
    MONITORED = "MONITORED", _("Decision in force")
    ON_HOLD = "ON_HOLD", _("On hold")
    CLOSED = "CLOSED", _("Closed")


class CloseReason(TextChoices):
    CURED = "CURED", _("Paid up")
    TRIGGERS_LEFT = "TRIGGERS_LEFT", _("No reason for a visit remains")
    SETTLED = "SETTLED", _("Settled")
    LEGAL = "LEGAL", _("Handed to the legal route")
    SPECIAL_CARE = "SPECIAL_CARE", _("Special care")
    DECISION = "DECISION", _("Closed by decision")
    JOINED = "JOINED", _("Joined with another case")


class Grade(TextChoices):
    """How grave a case is, by the sum at stake and how many reasons hold."""

    A = "A", _("A - very large")
    B = "B", _("B - large")
    C = "C", _("C - ordinary")


class CaseEventKind(TextChoices):
    OPENED = "OPENED", _("Opened")
    TRIGGER_ENTERED = "TRIGGER_ENTERED", _("Reason arose")
    TRIGGER_LEFT = "TRIGGER_LEFT", _("Reason ended")
    ASSIGNED = "ASSIGNED", _("Assigned")
    STAGE = "STAGE", _("Stage changed")
    REGRADED = "REGRADED", _("Grade or priority changed")
    NOTE = "NOTE", _("Note")
    CONTACT = "CONTACT", _("Contact")
    VISIT = "VISIT", _("Visit")
    VERIFICATION = "VERIFICATION", _("Facts verified")
    DECISION = "DECISION", _("Decision")
    REPAYMENT = "REPAYMENT", _("Repayment")
    COMPLAINT = "COMPLAINT", _("Complaint")
    CLOSED = "CLOSED", _("Closed")


class VerificationSource(TextChoices):
    VISIT = "VISIT", _("Visit")
    DESK = "DESK", _("Desk check")


class Section(TextChoices):
    """The four things that a visit establishes."""

    IDENTITY = "IDENTITY", _("Identity")
    CAPACITY = "CAPACITY", _("Repayment capacity")
    CAUSE = "CAUSE", _("Cause of the overdue")
    RESIDENCE = "RESIDENCE", _("Actual residence")


class Verdict(TextChoices):
    """What was established in one section. NOT_ESTABLISHED is neutral."""

    CONFIRMED = "CONFIRMED", _("Confirmed")
    DOUBTFUL = "DOUBTFUL", _("Doubtful")
    REFUTED = "REFUTED", _("Refuted")
    NOT_ESTABLISHED = "NOT_ESTABLISHED", _("Not established")
    ABLE = "ABLE", _("Able to pay")
    PARTLY_ABLE = "PARTLY_ABLE", _("Able to pay in part")
    UNABLE = "UNABLE", _("Unable to pay")
    FORCE_MAJEURE = "FORCE_MAJEURE", _("Force majeure (unemployment, illness, disaster)")
    TEMPORARY = "TEMPORARY", _("Temporary shortage")
    WILFUL = "WILFUL", _("Wilful, with evidence")


class Certainty(TextChoices):
    """How sure a verdict is, in words."""

    FIRM = "FIRM", _("Firm, with evidence")
    LIKELY = "LIKELY", _("Likely")
    WEAK = "WEAK", _("Weak")


SECTION_VERDICTS: dict[str, tuple[Verdict, ...]] = {
    Section.IDENTITY: (Verdict.CONFIRMED, Verdict.DOUBTFUL, Verdict.REFUTED, Verdict.NOT_ESTABLISHED),
    Section.CAPACITY: (Verdict.ABLE, Verdict.PARTLY_ABLE, Verdict.UNABLE, Verdict.NOT_ESTABLISHED),
    Section.CAUSE: (Verdict.FORCE_MAJEURE, Verdict.TEMPORARY, Verdict.WILFUL, Verdict.NOT_ESTABLISHED),
    Section.RESIDENCE: (Verdict.CONFIRMED, Verdict.DOUBTFUL, Verdict.REFUTED, Verdict.NOT_ESTABLISHED),
}


class DecisionKind(TextChoices):
    GRACE = "GRACE", _("Grace")
    PLAN = "PLAN", _("Repayment plan")
    LEGAL = "LEGAL", _("Legal recovery")
    FREEZE = "FREEZE", _("Freeze the limit")
    LIMIT_CUT = "LIMIT_CUT", _("Cut the limit")
    LIMIT_INCREASE = "LIMIT_INCREASE", _("Raise the limit")
    RATE_REDUCTION = "RATE_REDUCTION", _("Lower the rate")
    RATE_RELIEF = "RATE_RELIEF", _("Rate relief")
    SPECIAL_CARE = "SPECIAL_CARE", _("Cease and special care")
    CLOSE = "CLOSE", _("Close the case")
    WAIVER = "WAIVER", _("Waiver")


class WaiverPart(TextChoices):
    """What a waiver lowers. Principal is none of these: a committee waives it, outside of this program."""

    PENALTY = "PENALTY", _("Penalty interest")
    INTEREST = "INTEREST", _("Interest")


class WaiverState(TextChoices):
    """How the amount of a waiver counts in its concession budget."""

    HELD = "HELD", pgettext_lazy("amount in a budget", "Held")
    USED = "USED", _("Used")
    RELEASED = "RELEASED", _("Released")


class BudgetState(TextChoices):
    DRAFT = "DRAFT", _("Awaits confirmation")
    CONFIRMED = "CONFIRMED", _("In use")
    RETIRED = "RETIRED", _("Retired")


class BudgetPeriod(TextChoices):
    MONTH = "MONTH", _("Month")
    QUARTER = "QUARTER", _("Quarter")


class LegalStepKind(TextChoices):
    """What happened under a decision for legal recovery. Mediation comes first (rules/legal_steps.py)."""

    MEDIATION_OFFERED = "MEDIATION_OFFERED", _("Mediation offered")
    MEDIATION_AGREED = "MEDIATION_AGREED", _("Agreement in mediation")
    MEDIATION_FAILED = "MEDIATION_FAILED", _("Mediation failed")
    FILED = "FILED", _("Claim filed with a court")
    CLOSED = "CLOSED", _("Legal recovery closed")


# What an officer proposes in one form; a plan and a waiver have forms of their own.
OWN_KINDS: Final = tuple(
    (value, label) for value, label in DecisionKind.choices if value not in (DecisionKind.PLAN, DecisionKind.WAIVER)
)
# Decisions that take something from the borrower: a person with reasons stands behind each.
ADVERSE_KINDS: tuple[str, ...] = (DecisionKind.LEGAL, DecisionKind.FREEZE, DecisionKind.LIMIT_CUT)


class DecisionState(TextChoices):
    PROPOSED = "PROPOSED", _("Proposed")
    APPROVED = "APPROVED", _("Approved")
    REJECTED = "REJECTED", _("Rejected")
    SENT = "SENT", _("Sent")
    ACKNOWLEDGED = "ACKNOWLEDGED", _("In force")
    EXPIRED = "EXPIRED", _("Expired")
    REVERSED = "REVERSED", _("Reversed")
    LIFTED = "LIFTED", _("Lifted")


class DecisionGround(TextChoices):
    """
    On what ground a person approves or rejects a proposal. The note says more and is sealed.

    OVERTAKEN is nobody's: the proposal was withdrawn because it no longer fits its account, and may come again.
    """

    EVIDENCE_SUFFICIENT = "EVIDENCE_SUFFICIENT", _("The evidence bears it out")
    FOLLOWS_POLICY = "FOLLOWS_POLICY", _("It follows from the policy")
    AGREED_WITH_BORROWER = "AGREED_WITH_BORROWER", _("Agreed with the borrower")
    EVIDENCE_INSUFFICIENT = "EVIDENCE_INSUFFICIENT", _("The evidence is not enough")
    MILDER_MEASURE = "MILDER_MEASURE", _("A milder measure is enough")
    FACTS_CHANGED = "FACTS_CHANGED", _("The facts have changed since")
    OVERTAKEN = "OVERTAKEN", _("Overtaken by payment, plan or protection, or by time")
    OTHER = "OTHER", _("Other, see the note")


APPROVAL_GROUNDS: tuple[DecisionGround, ...] = (
    DecisionGround.EVIDENCE_SUFFICIENT,
    DecisionGround.FOLLOWS_POLICY,
    DecisionGround.AGREED_WITH_BORROWER,
    DecisionGround.OTHER,
)
REJECTION_GROUNDS: tuple[DecisionGround, ...] = (
    DecisionGround.EVIDENCE_INSUFFICIENT,
    DecisionGround.MILDER_MEASURE,
    DecisionGround.FACTS_CHANGED,
    DecisionGround.OTHER,
)


class DecisionOrigin(TextChoices):
    VERIFICATION = "VERIFICATION", _("Verification")
    STANDING = "STANDING", _("Standing job")
    OFFICER = "OFFICER", _("Case officer")
    COMPLAINT = "COMPLAINT", _("Complaint or appeal")


class PlanState(TextChoices):
    PROPOSED = "PROPOSED", _("Proposed")
    ACTIVE = "ACTIVE", _("Active")
    FULFILLED = "FULFILLED", _("Fulfilled")
    BROKEN = "BROKEN", _("Broken")
    CANCELLED = "CANCELLED", _("Cancelled")


class PlanMethod(TextChoices):
    """How the payments of a plan are calculated."""

    EQUAL_PAYMENT = "EQUAL_PAYMENT", _("Equal payments")
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL", _("Equal principal")
    STEPPED = "STEPPED", _("Payments that rise in steps")


class TermsField(TextChoices):
    LIMIT = "LIMIT", _("Limit")
    RATE = "RATE", _("Annual rate")
    STATUS = "STATUS", _("Status")
    COLLECTION = "COLLECTION", _("Collection")
    PENALTY = "PENALTY", _("Penalty interest")


class MeasureMode(TextChoices):
    """What a measure does to one term of an account. The values of collection and penalty are what the core is told."""

    CEASED = "CEASED", _("Collection ceased")
    ON_PLAN = "ON_PLAN", _("On a repayment plan")
    PAUSED = "PAUSED", _("Collection paused")
    LEGAL = "LEGAL", _("Legal recovery")
    FROZEN = "FROZEN", _("Frozen")
    CAP = "CAP", _("Limit capped")
    INCREASE = "INCREASE", _("Limit raised")
    REDUCTION = "REDUCTION", _("Rate lowered")
    CEILING = "CEILING", _("Rate of the plan")
    WAIVED = "WAIVED", _("Penalty interest waived")


class MeasureEnd(TextChoices):
    """Why a measure no longer stands."""

    EXPIRED = "EXPIRED", _("Its time ran out")
    REVERSED = "REVERSED", _("Reversed")
    CURED = "CURED", _("The arrears were paid")
    RESTORED = "RESTORED", _("Payments on time restored it")
    PLAN_AGREED = "PLAN_AGREED", _("A repayment plan was agreed")
    FULFILLED = "FULFILLED", _("The plan was fulfilled")
    BROKEN = "BROKEN", _("The plan was broken")
    CORE = "CORE", _("The core set the term anew")
    DECLINED = "DECLINED", _("The borrower declined it")
    LAPSED = "LAPSED", _("The borrower did not accept it in time")


class TermsTrouble(TextChoices):
    """Why core and Doorstep may not agree on a term."""

    REFUSED = "REFUSED", _("The core refused")
    SILENT = "SILENT", _("The core does not answer")
    OTHER_VALUE = "OTHER_VALUE", _("The core answered another value")
    DIFFERS = "DIFFERS", _("The portfolio shows another value")


class ComplaintKind(TextChoices):
    COMPLAINT = "COMPLAINT", _("Complaint")
    DISPUTE = "DISPUTE", _("Dispute of the debt")
    APPEAL = "APPEAL", _("Appeal against a decision")
    EXPLANATION = "EXPLANATION", _("Request for an explanation")


class ComplaintTopic(TextChoices):
    """
    What a complaint is about; the borrower's own words are sealed.

    CONDUCT is of earlier complaints, which did not say whether a visit or a call was meant; new ones do.
    """

    VISIT_CONDUCT = "VISIT_CONDUCT", _("Conduct of a visitor")
    CALL_CONDUCT = "CALL_CONDUCT", _("Conduct in a call or message")
    CONDUCT = "CONDUCT", _("Conduct of a caller or visitor")
    CONTACTS = "CONTACTS", _("Too many contacts, or at the wrong time")
    AMOUNT = "AMOUNT", _("Amount, interest or fees")
    IDENTITY = "IDENTITY", _("The loan is not theirs")
    PERSONAL_DATA = "PERSONAL_DATA", _("Use of personal data")
    DECISION = "DECISION", _("A decision on the account")
    OTHER = "OTHER", _("Other")


# What a new complaint may be about.
NEW_TOPICS: Final = tuple((value, label) for value, label in ComplaintTopic.choices if value != ComplaintTopic.CONDUCT)
# A complaint about what somebody did says on which day: it must be known whose act it was.
TOPICS_WITH_DAY: Final = frozenset({ComplaintTopic.VISIT_CONDUCT, ComplaintTopic.CALL_CONDUCT})


class ComplaintState(TextChoices):
    RECEIVED = "RECEIVED", _("Received")
    ACKNOWLEDGED = "ACKNOWLEDGED", _("Acknowledged")
    UPHELD = "UPHELD", _("Upheld")
    REJECTED = "REJECTED", _("Rejected")


class LetterKind(TextChoices):
    """What a letter about a decision tells the borrower."""

    GRANTED = "GRANTED", _("Something is given")
    TAKEN = "TAKEN", _("Something is taken")
    SUSPENDED = "SUSPENDED", _("A reward is suspended")
    RESUMED = "RESUMED", _("A suspended reward counts again")
    LIFTED = "LIFTED", _("Ended early")
    ENDED = "ENDED", _("Its time is over")
    REVERSED = "REVERSED", _("Taken back")
    AGREED = "AGREED", _("A plan was agreed")
    BROKEN = "BROKEN", _("A plan was not kept")
    FULFILLED = "FULFILLED", _("A plan was fulfilled")
    REOPENED = "REOPENED", _("A plan counts again")
    EARNED = "EARNED", _("A waiver was earned")
    LAPSED = "LAPSED", _("A waiver lapsed")
    UNPAID = "UNPAID", _("A payment for a waiver was taken back")


class LetterOccasion(StrEnum):
    """What happened to a decision that its borrower is told of."""

    APPROVED = "APPROVED"
    SUSPENDED = "SUSPENDED"
    RESUMED = "RESUMED"
    LIFTED = "LIFTED"
    EXPIRED = "EXPIRED"
    REVERSED = "REVERSED"
    PLAN_AGREED = "PLAN_AGREED"
    PLAN_BROKEN = "PLAN_BROKEN"
    PLAN_FULFILLED = "PLAN_FULFILLED"
    PLAN_REOPENED = "PLAN_REOPENED"
    WAIVER_EARNED = "WAIVER_EARNED"
    WAIVER_LAPSED = "WAIVER_LAPSED"
    WAIVER_UNPAID = "WAIVER_UNPAID"


class LetterState(TextChoices):
    """How far a letter has come, by what was reported of it."""

    WAITING = "WAITING", _("Not delivered yet")
    RETURNED = "RETURNED", _("Came back")
    DELIVERED = "DELIVERED", _("Delivered")
    OPENED = "OPENED", _("Opened")


class LetterReport(TextChoices):
    """What is reported of a letter on its way."""

    DELIVERED = "DELIVERED", _("Delivered")
    OPENED = "OPENED", _("Opened")
    RETURNED = "RETURNED", _("Came back")


class LetterChannel(TextChoices):
    """How a letter travels."""

    APP = "APP", _("App")
    SMS = "SMS", _("SMS")
    EMAIL = "EMAIL", _("E-mail")
    POST = "POST", _("Post")
    BY_HAND = "BY_HAND", _("By hand")


class RecordKind(TextChoices):
    """What one row of an intake file describes."""

    ACCOUNTS = "ACCOUNTS", _("Borrowers and accounts")
    REPAYMENTS = "REPAYMENTS", _("Repayments")
    REVERSALS = "REVERSALS", _("Reversals of repayments")
    CONTACTS = "CONTACTS", _("Contact attempts")
    PROMISES = "PROMISES", _("Promises to pay")
    SIGNALS = "SIGNALS", _("Suspicion signals")
    OUTCOMES = "OUTCOMES", _("Observed outcomes")
    BORROWERS = "BORROWERS", _("Borrowers without accounts")
    CONTACT_DETAILS = "CONTACT_DETAILS", _("Telephones and addresses, one a row")
    SCHEDULE = "SCHEDULE", _("Instalments, one a row")
    RELATED_PEOPLE = "RELATED_PEOPLE", _("Related people")


class ReversalReason(TextChoices):
    """Why money that was received was taken back."""

    BOUNCED = "BOUNCED", _("Direct debit bounced")
    WRONG_ACCOUNT = "WRONG_ACCOUNT", _("Booked to the wrong account")
    REFUND = "REFUND", _("Refunded")
    OTHER = "OTHER", _("Other")


class OutcomeKind(TextChoices):
    """What became of an account later. For judging a policy, never an input of one."""

    DEFAULT = "DEFAULT", _("Did not pay")
    ROLLED = "ROLLED", _("Rolled into a later bucket")
    CHARGED_OFF = "CHARGED_OFF", _("Charged off")
    FRAUD = "FRAUD", _("Fraud confirmed")


class TrialKind(TextChoices):
    """Ways to try a policy version without applying it."""

    BACKTEST = "BACKTEST", _("Backtest")
    SHADOW = "SHADOW", _("Shadow run")
    REPLAY = "REPLAY", _("Replay")
    PREVIEW = "PREVIEW", _("Publish preview")


class TrialState(TextChoices):
    QUEUED = "QUEUED", _("Queued")
    RUNNING = "RUNNING", _("Running")
    FINISHED = "FINISHED", _("Finished")
    FAILED = "FAILED", _("Failed")


class IntakeState(TextChoices):
    QUEUED = "QUEUED", _("Waits for a worker")
    RUNNING = "RUNNING", _("Running")
    FINISHED = "FINISHED", _("Finished")
    FAILED = "FAILED", _("Failed")


class IntakeMode(TextChoices):
    """What a file says of accounts that it does not name: nothing, or that they are gone."""

    DELTA = "DELTA", _("Changes only")
    SNAPSHOT = "SNAPSHOT", _("Full snapshot")


class ProfileState(TextChoices):
    """Where a version of an intake profile stands."""

    DRAFT = "DRAFT", _("Awaits approval")
    ACTIVE = "ACTIVE", _("In use")
    RETIRED = "RETIRED", _("Retired")


class NoticeState(TextChoices):
    """Where an entered notice of a year's holidays stands."""

    DRAFT = "DRAFT", _("Awaits confirmation")
    CONFIRMED = "CONFIRMED", _("In use")
    RETIRED = "RETIRED", _("Retired")


class NationalHoliday(TextChoices):
    """The breaks that the State Council's yearly notice gives."""

    NEW_YEAR = "NEW_YEAR", _("New Year")
    SPRING_FESTIVAL = "SPRING_FESTIVAL", _("Spring Festival")
    QINGMING = "QINGMING", _("Qingming")
    LABOUR_DAY = "LABOUR_DAY", _("Labour Day")
    DRAGON_BOAT = "DRAGON_BOAT", _("Dragon Boat Festival")
    MID_AUTUMN = "MID_AUTUMN", _("Mid-Autumn Festival")
    NATIONAL_DAY = "NATIONAL_DAY", _("National Day")
    OTHER = "OTHER", _("Other holiday")


class ProfileRefusal(TextChoices):
    """Why an approver refuses a version of an intake profile."""

    WRONG_COLUMN = "WRONG_COLUMN", _("A field is filled from the wrong column")
    WRONG_UNIT = "WRONG_UNIT", _("A unit, a date format or percent is wrong")
    WRONG_WORDS = "WRONG_WORDS", _("Words are mapped to the wrong value")
    FIELD_MISSING = "FIELD_MISSING", _("A field of the file is not taken in")
    TOO_MANY_REJECTED = "TOO_MANY_REJECTED", _("Too many rows are rejected")
    NOT_NEEDED = "NOT_NEEDED", _("The profile is not needed")


class MissingRule(TextChoices):
    """What becomes of accounts that a full snapshot does not name."""

    CLOSE = "CLOSE", _("They are closed")
    FLAG = "FLAG", _("They are flagged")


class MissingState(TextChoices):
    """What became of the accounts that a full snapshot did not name."""

    NONE = "NONE", _("None are missing")
    TRIED = "TRIED", _("Only counted")
    SETTLED = "SETTLED", _("Closed or flagged")
    HELD = "HELD", _("Waits for a person")
    LATE = "LATE", _("Left alone: a newer snapshot is known")
    UNREAD = "UNREAD", _("Left alone: rows without a readable account number")
    DROPPED = "DROPPED", _("Left alone by a person")


class TotalsState(TextChoices):
    """Whether rows that look like totals are such; a person answers once for a file."""

    ASKED = "ASKED", _("Waits for an answer")
    TOTALS = "TOTALS", _("They are totals")
    ROWS = "ROWS", _("They are no totals")


class Priority(IntegerChoices):
    URGENT = 1, _("Urgent")
    HIGH = 2, _("High")
    NORMAL = 3, _("Normal")
