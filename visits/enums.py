"""The words of the visits floor. Values are stored; labels are what people read."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class VisitState(TextChoices):
    """Where a visit order stands. The steps between them are in `rules/lifecycle.py`."""

    DRAFT = "DRAFT", _("Draft")
    APPROVED = "APPROVED", _("Approved")
    SCHEDULED = "SCHEDULED", _("Scheduled")
    ACCEPTED = "ACCEPTED", _("Accepted by the agency")
    EN_ROUTE = "EN_ROUTE", _("En route")
    CHECKED_IN = "CHECKED_IN", _("Checked in")
    REPORTED = "REPORTED", _("Reported")
    UNDER_REVIEW = "UNDER_REVIEW", _("Under review")
    SECOND_REVIEW = "SECOND_REVIEW", _("Waits for a second reviewer")
    VERIFIED = "VERIFIED", _("Report accepted")
    RETURNED = "RETURNED", _("Report returned")
    CANCELLED = "CANCELLED", _("Cancelled")
    ABORTED = "ABORTED", _("Broken off")
    EXPIRED = "EXPIRED", _("Lapsed")


class VisitPurpose(TextChoices):
    """What a visit is sent to establish; the four of the product's source article."""

    VERIFY_IDENTITY = "VERIFY_IDENTITY", _("Verify identity")
    ASSESS_CAPACITY = "ASSESS_CAPACITY", _("Assess capacity to repay")
    ESTABLISH_CAUSE = "ESTABLISH_CAUSE", _("Establish the cause of arrears")
    CONFIRM_RESIDENCE = "CONFIRM_RESIDENCE", _("Confirm residence")


class Protection(TextChoices):
    """A standing fact about a borrower that takes visits off the table."""

    PAID = "PAID", _("Arrears paid")
    PLAN_ACTIVE = "PLAN_ACTIVE", _("Repayment plan honoured")
    GRACE = "GRACE", _("Grace granted")
    HARDSHIP_PENDING = "HARDSHIP_PENDING", _("Hardship application pending")
    CEASE = "CEASE", _("Collection ceased")
    COMPLAINT_OPEN = "COMPLAINT_OPEN", _("Complaint open")
    DISPUTED = "DISPUTED", _("Debt disputed")
    FRAUD_CLAIM = "FRAUD_CLAIM", _("Identity-fraud claim open")
    REPRESENTED = "REPRESENTED", _("Represented")
    VISIT_DECLINED = "VISIT_DECLINED", _("Visit declined")
    ANSWER_OPEN = "ANSWER_OPEN", _("An answer to the letter waits to be looked at")
    DECEASED = "DECEASED", _("Reported deceased")
    ILLNESS = "ILLNESS", _("Illness")
    HOSPITAL = "HOSPITAL", _("In hospital")
    BEREAVED = "BEREAVED", _("Bereaved")
    CHILDBIRTH = "CHILDBIRTH", _("Pregnancy or childbirth")
    AGED = "AGED", _("Aged 70 or over")
    DISABLED = "DISABLED", _("Disabled")
    DISASTER = "DISASTER", _("Struck by disaster")
    DETAINED = "DETAINED", _("Detained")
    SELF_HARM = "SELF_HARM", _("Spoke of self-harm")
    OCCASION = "OCCASION", _("Marriage or religious festival")
    SPECIAL_CARE = "SPECIAL_CARE", _("Special care")


class Finding(TextChoices):
    """What was found at the door (domain 4.3). What follows from each is in `rules/findings.py`."""

    F01 = "F01", _("Borrower met, cooperative")
    F02 = "F02", _("Borrower met, in hardship")
    F03 = "F03", _("Borrower met, disputes the debt")
    F04 = "F04", _("Borrower met, declined to talk")
    F05 = "F05", _("Borrower met, unfit to talk")
    F06 = "F06", _("Person present, identity not confirmed")
    F10 = "F10", _("Adult family member met")
    F11 = "F11", _("Guarantor or joint debtor met")
    F12 = "F12", _("Colleague or friend met")
    F13 = "F13", _("Only a minor present")
    F14 = "F14", _("Third person refused contact")
    F20 = "F20", _("Nobody answered")
    F21 = "F21", _("Signs of long absence")
    F22 = "F22", _("Moved out, by another's statement")
    F23 = "F23", _("No such address")
    F24 = "F24", _("Demolished")
    F25 = "F25", _("Access to the estate denied")
    F26 = "F26", _("Not known at the employer, left, or closed")
    F30 = "F30", _("Reported deceased, proof pending")
    F31 = "F31", _("Detained, in hospital or struck by disaster")
    F40 = "F40", _("Broken off as unsafe")
    F41 = "F41", _("Broken off, visit no longer due")
    F50 = "F50", _("Claims the loan was taken in a stolen name")


class PersonMet(TextChoices):
    """The role of the person who was met. Names of unrelated persons are never recorded."""

    BORROWER = "BORROWER", _("Borrower")
    UNCONFIRMED = "UNCONFIRMED", _("Person of unconfirmed identity")
    FAMILY_ADULT = "FAMILY_ADULT", _("Adult family member")
    OBLIGOR = "OBLIGOR", _("Guarantor or joint debtor")
    COLLEAGUE = "COLLEAGUE", _("Colleague")
    FRIEND = "FRIEND", _("Friend")
    OCCUPANT = "OCCUPANT", _("Other occupant")
    NEIGHBOUR = "NEIGHBOUR", _("Neighbour")
    PROPERTY_OFFICE = "PROPERTY_OFFICE", _("Property office or guard")
    MINOR = "MINOR", _("Minor")
    NOBODY = "NOBODY", _("Nobody")


class Disclosure(TextChoices):
    """How much about the debt may be, or was, said."""

    NONE = "NONE", _("Nothing")
    OWN_OBLIGATION = "OWN_OBLIGATION", _("The person's own obligation")
    FULL = "FULL", _("Everything")


class MediaScope(TextChoices):
    """Which pictures and recordings a finding allows."""

    NONE = "NONE", _("None")
    EXTERIOR = "EXTERIOR", _("Outside only")
    CONTACT = "CONTACT", _("Outside, papers shown, and the talk")


class Attitude(TextChoices):
    """How cooperative the borrower was by a finding. No finding counts as evasive (domain 5.1)."""

    COOPERATIVE = "COOPERATIVE", _("Cooperative")
    NEUTRAL = "NEUTRAL", _("Neutral")


class DocumentKind(TextChoices):
    """Papers a borrower may show (domain 6)."""

    IDENTITY_CARD = "IDENTITY_CARD", _("Identity card")
    HOUSEHOLD_REGISTER = "HOUSEHOLD_REGISTER", _("Household register")
    SOCIAL_SECURITY = "SOCIAL_SECURITY", _("Social-security record")
    HOUSING_FUND = "HOUSING_FUND", _("Housing-fund record")
    INCOME_PROOF = "INCOME_PROOF", _("Proof of income")
    BANK_STATEMENT = "BANK_STATEMENT", _("Bank statement")
    PROPERTY_DEED = "PROPERTY_DEED", _("Property certificate")
    VEHICLE_REGISTRATION = "VEHICLE_REGISTRATION", _("Vehicle registration")
    LEASE = "LEASE", _("Lease")
    UTILITY_BILL = "UTILITY_BILL", _("Utility bill")
    HARDSHIP_PROOF = "HARDSHIP_PROOF", _("Proof of hardship")
    MARRIAGE_CERTIFICATE = "MARRIAGE_CERTIFICATE", _("Marriage or divorce certificate")
    RESIDENCE_PERMIT = "RESIDENCE_PERMIT", _("Residence permit")


class DocumentVerdict(TextChoices):
    """The result of a check of a paper. No check calls a paper forged (domain 6, list c 13)."""

    GENUINE_SEEN = "GENUINE_SEEN", _("Original seen")
    CONSISTENT = "CONSISTENT", _("Consistent")
    DIFFERENT = "DIFFERENT", _("Differs from what was stated")
    DOUBTFUL = "DOUBTFUL", _("Doubtful, look again")
    OUT_OF_DATE = "OUT_OF_DATE", _("Out of date")
    UNREADABLE = "UNREADABLE", _("Unreadable")
    NOT_SHOWN = "NOT_SHOWN", _("Not shown")


class PaperReason(TextChoices):
    """What a check of a field of a paper found. The code is kept, never the value; none of them says that a paper is forged."""

    NUMBER_ADDS_UP = "NUMBER_ADDS_UP", _("The number adds up.")
    CODE_ADDS_UP = "CODE_ADDS_UP", _("The code adds up.")
    RIGHT_FORM = "RIGHT_FORM", _("The number has the right form.")
    NOT_AN_ID_NUMBER = "NOT_AN_ID_NUMBER", _("Not 18 or 15 characters of an identity number.")
    UNKNOWN_REGION = "UNKNOWN_REGION", _("The region code has no province.")
    NO_SUCH_BIRTHDAY = "NO_SUCH_BIRTHDAY", _("The date of birth does not exist.")
    UNLIKELY_BIRTHDAY = "UNLIKELY_BIRTHDAY", _("The date of birth is in the future or too long ago.")
    WRONG_CHECK_DIGIT = "WRONG_CHECK_DIGIT", _("The check digit does not match.")
    NOT_A_DEED_NUMBER = "NOT_A_DEED_NUMBER", _("Not the form of a property certificate; an older deed, or look again.")
    NOT_A_UNIT_CODE = "NOT_A_UNIT_CODE", _("The unit code does not have its 28 characters; read it again.")
    NOT_A_VIN = "NOT_A_VIN", _("Not 17 characters without I, O and Q; read it again.")
    WRONG_VIN_DIGIT = "WRONG_VIN_DIGIT", _("The check digit does not match; imported vehicles may differ.")
    NOT_A_CREDIT_CODE = "NOT_A_CREDIT_CODE", _("Not 18 characters of a credit code; read it again.")
    WRONG_CODE_CHARACTER = "WRONG_CODE_CHARACTER", _("The check character does not match.")
    NOT_A_DISABILITY_NUMBER = (
        "NOT_A_DISABILITY_NUMBER",
        _("Not the 20 characters of a disability certificate; read it again."),
    )
    WRONG_NUMBER_INSIDE = "WRONG_NUMBER_INSIDE", _("The identity number inside does not add up; read it again.")
    NOT_A_MARRIAGE_NUMBER = "NOT_A_MARRIAGE_NUMBER", _("Not J or L, area, year and serial; older papers differ.")
    YEAR_DIFFERS = "YEAR_DIFFERS", _("The year in the number is not the year of issue.")
    SAME_PERSON_TWICE = "SAME_PERSON_TWICE", _("Both spouses have the same number; read it again.")
    IN_FUTURE = "IN_FUTURE", _("The day lies in the future; read it again.")
    ENDS_BEFORE_IT_BEGINS = "ENDS_BEFORE_IT_BEGINS", _("It ends before it begins; read it again.")
    RECENT = "RECENT", _("Recent enough.")
    TOO_OLD = "TOO_OLD", _("Older than three months; ask for a newer one.")
    IN_FORCE = "IN_FORCE", _("In force.")
    LAPSED = "LAPSED", _("Its time is over.")
    NOT_BEGUN = "NOT_BEGUN", _("Its time has not begun.")
    MOVED_AWAY = "MOVED_AWAY", _("The register says that the person moved away.")
    TERM_FITS_AGE = "TERM_FITS_AGE", _("Its time of validity fits the age.")
    TERM_UNLIKE_AGE = "TERM_UNLIKE_AGE", _("Its time of validity does not fit the age; read both days again.")
    TERM_TOO_LONG = "TERM_TOO_LONG", _("A lease has at most 20 years.")
    NO_MONTHS = "NO_MONTHS", _("No months shown.")
    MONTHS_FOLLOW = "MONTHS_FOLLOW", _("The months follow each other.")
    MONTHS_MISSING = "MONTHS_MISSING", _("Months are missing in between; ask why.")
    AMOUNTS_ADD_UP = "AMOUNTS_ADD_UP", _("The amounts add up.")
    AMOUNTS_DO_NOT_ADD_UP = (
        "AMOUNTS_DO_NOT_ADD_UP",
        _("The amounts do not add up to the closing balance; look for missing pages."),
    )
    INCOME_DOES_NOT_ADD_UP = "INCOME_DOES_NOT_ADD_UP", _("Gross less deductions is not what was paid out.")
    WAGE_NOT_IN_FLOW = "WAGE_NOT_IN_FLOW", _("A wage is not among the amounts of the statement.")
    DEPOSIT_UNLIKE_BASE = "DEPOSIT_UNLIKE_BASE", _("The deposit is not base times ratio.")
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED", _("The account is sealed or closed.")
    SEIZED = "SEIZED", _("It is seized, so nothing can be paid from it.")
    INCOME_ABOVE_FLOW = "INCOME_ABOVE_FLOW", _("More income than the wages of the bank statement; ask why.")
    BASE_ABOVE_INCOME = "BASE_ABOVE_INCOME", _("Contributions on more than the income that is proven; ask why.")
    AS_STATED = "AS_STATED", _("As stated.")
    UNLIKE_STATED = "UNLIKE_STATED", _("Differs from what was stated; ask which is right.")
    NOT_SHOWN = "NOT_SHOWN", _("Not shown.")
    FIELD_MISSING = "FIELD_MISSING", _("Needed, and not read from the paper.")
    NOTHING_READ = "NOTHING_READ", _("Nothing was read from the paper, so it establishes nothing.")


class SupportReason(TextChoices):
    """Why the verdict of a section can be written, or cannot (rules/report/admissible.py)."""

    NOTHING_NEEDED = "NOTHING_NEEDED", _("This says nothing against anybody and needs no proof.")
    PAPER = "PAPER", _("Rests on a paper that was read and checked.")
    RECORDED_WORDS = "RECORDED_WORDS", _("Rests on what the borrower said in the recording.")
    WRITTEN_WORDS = "WRITTEN_WORDS", _("Rests on what the borrower said; it speaks for them.")
    PHOTOGRAPH = "PHOTOGRAPH", _("Rests on photographs of the place.")
    FINDING = "FINDING", _("Follows from the finding.")
    NO_CONFIDENCE = "NO_CONFIDENCE", _("A confidence of 0 establishes nothing.")
    PAPERS_IN_DOUBT = "PAPERS_IN_DOUBT", _("Its papers were not read, are in doubt, differ or are out of date.")
    NO_PROOF = "NO_PROOF", _("Nothing in the report can establish this.")


class AgencyState(TextChoices):
    """Standing of an outside agency on the published list."""

    APPLICANT = "APPLICANT", _("Applicant")
    ACTIVE = "ACTIVE", _("Active")
    RESTRICTED = "RESTRICTED", _("No new cases")
    SUSPENDED = "SUSPENDED", _("Suspended")
    EXITED = "EXITED", _("Exited")


class EntryState(TextChoices):
    """Standing of what one person enters about an agency and another confirms: a paper, a price, a renewal."""

    ENTERED = "ENTERED", _("Awaits confirmation")
    CONFIRMED = "CONFIRMED", _("Confirmed")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class CredentialKind(TextChoices):
    """A paper that an agency shows to be admitted and to stay on the list (domain table b, agency entry)."""

    BUSINESS_LICENCE = "BUSINESS_LICENCE", _("Business licence")
    LIABILITY_INSURANCE = "LIABILITY_INSURANCE", _("Liability insurance")
    ISO_27001 = "ISO_27001", _("ISO 27001 certificate")
    MLPS_3 = "MLPS_3", _("MLPS level 3 filing")
    CLEAN_LITIGATION = "CLEAN_LITIGATION", _("Litigation record")
    OTHER = "OTHER", _("Other paper")


class CrewState(TextChoices):
    """Standing of a crew member. Only a confirmed one goes to doors."""

    ENTERED = "ENTERED", _("Awaits confirmation")
    CONFIRMED = "CONFIRMED", _("Confirmed")
    INACTIVE = "INACTIVE", _("Inactive")


class Screening(TextChoices):
    """What the screening of a crew member found. Only a clear one lets them go to doors."""

    CLEAR = "CLEAR", _("Nothing found")
    CONCERNS = "CONCERNS", _("Concerns found")


class PlacementState(TextChoices):
    """Where a case's placement with an agency stands."""

    ACTIVE = "ACTIVE", _("Active")
    RETAINED = "RETAINED", _("Retained past term")
    RECALLED = "RECALLED", _("Recalled by the lender")
    RETURNED = "RETURNED", _("Returned by the agency")
    EXPIRED = "EXPIRED", _("Term ended")


class EndReason(TextChoices):
    """Why a visit order or a placement ended. What a person wrote about it is sealed beside it."""

    LAPSED = "LAPSED", _("Its validity ran out")
    TERM_ENDED = "TERM_ENDED", _("The placement's term ended")
    NOT_DUE = "NOT_DUE", _("No longer due")
    UNSAFE = "UNSAFE", _("Broken off as unsafe")
    RED_LINE = "RED_LINE", _("Red line crossed")
    AGENCY_STOPPED = "AGENCY_STOPPED", _("The agency was suspended or left")
    RECALLED = "RECALLED", _("The case was recalled")
    RETURNED = "RETURNED", _("The agency returned the case")
    NOT_NEEDED = "NOT_NEEDED", _("Not needed any more")
    ADDRESS_WRONG = "ADDRESS_WRONG", _("The address turned out to be wrong")
    BORROWER_ASKED = "BORROWER_ASKED", _("The borrower asked for it")
    CREW_UNAVAILABLE = "CREW_UNAVAILABLE", _("No crew can go")
    OTHER = "OTHER", _("Another reason; see the note")


class EvidenceKind(TextChoices):
    """What a piece of evidence shows (photo list of domain 4.2)."""

    STREET = "STREET", _("Street or estate gate")
    BUILDING = "BUILDING", _("Building number")
    DOOR = "DOOR", _("Door plate, door closed")
    BADGE_AND_MANDATE = "BADGE_AND_MANDATE", _("Badges and mandate at the door")
    NOTICE_ENVELOPE = "NOTICE_ENVELOPE", _("Sealed envelope delivered")
    DOCUMENT = "DOCUMENT", _("Paper shown by the borrower")
    AUDIO = "AUDIO", _("Sound recording")
    VIDEO = "VIDEO", _("Video outside the home")


class EvidenceState(TextChoices):
    """Whether a worker has read a file. Only photographs wait: a recording is never decoded, so it is read at once."""

    WAITING = "WAITING", _("Being read")
    READ = "READ", pgettext_lazy("evidence", "Read")
    UNREADABLE = "UNREADABLE", _("Cannot be read")
    # The findings allow no file at all: kept for a time, shown to nobody, never decoded, and then deleted.
    LOCKED = "LOCKED", _("Locked away")


class FileProblem(TextChoices):
    """What is wrong with a stored file. The stored SHA-256 decides."""

    MISSING = "MISSING", _("Missing from the storage")
    ALTERED = "ALTERED", _("Not the file that was kept")


class TrustSignal(TextChoices):
    """A reason to trust a photograph more or less. None of them is proof."""

    CAPTURED_DURING_VISIT = "CAPTURED_DURING_VISIT", _("Taken during the visit")
    WITHIN_GEOFENCE = "WITHIN_GEOFENCE", _("Taken at the address")
    CAMERA_METADATA = "CAMERA_METADATA", _("Camera data present")
    CAPTURED_OUTSIDE_VISIT = "CAPTURED_OUTSIDE_VISIT", _("Taken outside the visit")
    OUTSIDE_GEOFENCE = "OUTSIDE_GEOFENCE", _("Taken away from the address")
    POSITION_INACCURATE = "POSITION_INACCURATE", _("Position inaccurate")
    NO_METADATA = "NO_METADATA", _("No camera data: gallery or forwarded")
    EDITED = "EDITED", _("Passed through editing software")
    SAME_FILE = "SAME_FILE", _("Same file as in another visit")
    LOOKALIKE = "LOOKALIKE", _("Looks like a photograph of another visit")
    REPEATED_IN_REPORT = "REPEATED_IN_REPORT", _("Looks like another photograph of this report")
    CLOCK_DRIFT = "CLOCK_DRIFT", _("Device clock is off")
    MOCK_LOCATION = "MOCK_LOCATION", _("Device reported a mock location")
    POSITION_CONVERTED = "POSITION_CONVERTED", _("Position fits once it is read as GCJ-02, as maps in China shift it")
    POSITION_ZERO = "POSITION_ZERO", _("The camera wrote 0, 0 as its position")
    AWAY_FROM_CHECK_IN = "AWAY_FROM_CHECK_IN", _("Taken away from where the crew checked in")


class ReviewVerdict(TextChoices):
    """What a reviewer decides about a report."""

    ACCEPTED = "ACCEPTED", _("Accepted")
    RETURNED = "RETURNED", _("Returned to be redone")
    RED_LINE = "RED_LINE", _("Red line crossed")


class Recommendation(TextChoices):
    """The closed list of what a report may recommend (domain 4.3)."""

    REMOTE_CONTACT = "REMOTE_CONTACT", _("Continue remote contact")
    OFFER_PLAN = "OFFER_PLAN", _("Offer a plan")
    ASSESS_HARDSHIP = "ASSESS_HARDSHIP", _("Assess hardship")
    REPAIR_ADDRESS = "REPAIR_ADDRESS", _("Ask the borrower to repair the address")
    VISIT_AGAIN = "VISIT_AGAIN", _("One more visit")
    LEGAL_REVIEW = "LEGAL_REVIEW", _("Review the legal route")
    CEASE_AND_CARE = "CEASE_AND_CARE", _("Cease, special care")
    FRAUD_REVIEW = "FRAUD_REVIEW", _("Review for fraud")
    CLOSE = "CLOSE", _("Close the case")


class AddressVerdict(TextChoices):
    """Whether a visit found an address to be valid."""

    VALID = "VALID", _("Valid")
    INVALID = "INVALID", _("Invalid")
    DOUBTFUL = "DOUBTFUL", _("Doubtful")


class CrewRole(TextChoices):
    """Who leads and who accompanies."""

    LEAD = "LEAD", _("Lead")
    SECOND = "SECOND", _("Companion")


class FeeBasis(TextChoices):
    """What an agency may be paid for. Never for what a visit finds (domain a 35)."""

    PER_VISIT = "PER_VISIT", _("Per visit made")
    PER_ACCEPTED_REPORT = "PER_ACCEPTED_REPORT", _("Per accepted report")
    TRAVEL = "TRAVEL", _("Travel")
    WAITING = "WAITING", _("Waiting")
    RECOVERY_SHARE = "RECOVERY_SHARE", _("Share of recovery")


class UnassignedReason(TextChoices):
    """Why a stop is in no route."""

    NO_CREW = "NO_CREW", _("No crew on shift")
    NO_SKILL = "NO_SKILL", _("No crew has the skill asked for")
    BAD_POSITION = "BAD_POSITION", _("Coordinates missing or impossible")
    WINDOW_CLOSED = "WINDOW_CLOSED", _("No crew is on shift in its time window")
    OUT_OF_REACH = "OUT_OF_REACH", _("Too far to go and come back within a shift")
    NO_CAPACITY = "NO_CAPACITY", _("More stops than the crews may take")
    NO_ROOM = "NO_ROOM", _("Does not fit beside the other stops")
    CREW_BUSY = "CREW_BUSY", _("The crew is at another visit at that time, or on the way to or from one")
    WITH_HOUSEHOLD = "WITH_HOUSEHOLD", _("Another order of its household visit cannot be moved")


class StatementState(TextChoices):
    """Where the monthly statement of an agency stands."""

    DRAFT = "DRAFT", pgettext_lazy("statement of an agency", "Draft")
    SENT = "SENT", _("Sent to the agency")
    ACCEPTED = "ACCEPTED", _("Accepted by the agency")
    APPROVED = "APPROVED", _("Approved for payment")
    PAID = "PAID", pgettext_lazy("statement of an agency", "Paid")


class LineState(TextChoices):
    """What became of one line of a statement."""

    BUILT = "BUILT", _("As computed")
    DISPUTED = "DISPUTED", _("Disputed")
    UPHELD = "UPHELD", _("Corrected")
    REJECTED = "REJECTED", _("Stays after a dispute")


class LetterAnswerKind(TextChoices):
    """What a borrower can do on the page of the visit's letter."""

    DECLINE = "DECLINE", _("Declines the visit")
    OTHER_TIME = "OTHER_TIME", _("Asks for another time or for video")
    PAPER = "PAPER", _("Sends a paper")
    COMPLAINT = "COMPLAINT", _("Complains")
    REPRESENTED = "REPRESENTED", _("Says that a representative acts for them")
    HOSPITAL = "HOSPITAL", _("Says that they are in hospital")
    BEREAVED = "BEREAVED", _("Says that a relative died")
    NOT_HERE = "NOT_HERE", _("Says that the person addressed is not here")


class AgreementKind(TextChoices):
    """What a borrower agreed to about visits."""

    TIME = "TIME", _("A time they asked for")
    PLACE = "PLACE", _("A visit to this place")


class LetterProof(TextChoices):
    """Whether who answered a letter gave four characters that the lender knows of the borrower."""

    NOT_GIVEN = "NOT_GIVEN", _("Not given")
    WRONG = "WRONG", _("Given, and not known")
    RIGHT = "RIGHT", _("Given, and known")
    LOCKED = "LOCKED", _("Not compared: too many that were not known")


class PaperKind(TextChoices):
    """What a paper is that came through a letter's page. The words tell a stranger nothing."""

    RECEIPT = "RECEIPT", pgettext_lazy("a paper", "Receipt")
    IDENTITY = "IDENTITY", _("Identity document")
    SITUATION = "SITUATION", _("Paper about your situation")
    HOSPITAL = "HOSPITAL", _("Paper of a hospital")


class AnswerOutcome(TextChoices):
    """What a person found about an answer to a letter."""

    CONFIRMED = "CONFIRMED", _("It holds")
    SET_ASIDE = "SET_ASIDE", _("It does not hold; a visit may be planned")
