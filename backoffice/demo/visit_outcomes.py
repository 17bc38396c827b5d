"""Outcomes of simulated visits: whom the crew meets, which documents are shown, and what the report says."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from cases.enums import Section, Verdict
from visits.enums import AddressVerdict, DocumentKind, DocumentVerdict, Finding, PersonMet, Recommendation

SEEN, FITS, ODD = DocumentVerdict.GENUINE_SEEN, DocumentVerdict.CONSISTENT, DocumentVerdict.DOUBTFUL


@dataclass(frozen=True, slots=True, kw_only=True)
class Established:
    """One section of a simulated report: verdict, confidence (0 to 1), note, and the documents shown."""

    verdict: Verdict
    confidence: str
    note: str = ""
    papers: tuple[tuple[DocumentKind, DocumentVerdict], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOutcome:
    """One outcome of a visit. Sections that are absent were not established."""

    finding: Finding
    person: PersonMet
    recommendation: Recommendation
    why: str
    sections: Mapping[Section, Established] = field(default_factory=dict)
    address: AddressVerdict = AddressVerdict.DOUBTFUL
    is_hearsay: bool = False
    promises_share: Decimal | None = None
    statement: str = ""


IDENTITY = Established(
    verdict=Verdict.CONFIRMED,
    confidence="0.95",
    note="证件与本人一致，社保与公积金记录相符",
    papers=(
        (DocumentKind.IDENTITY_CARD, SEEN),
        (DocumentKind.HOUSEHOLD_REGISTER, SEEN),
        (DocumentKind.SOCIAL_SECURITY, FITS),
        (DocumentKind.HOUSING_FUND, FITS),
    ),
)
HOME = Established(
    verdict=Verdict.CONFIRMED,
    confidence="0.90",
    note="租赁合同与水电账单地址一致",
    papers=((DocumentKind.LEASE, FITS), (DocumentKind.UTILITY_BILL, FITS)),
)
INCOME = ((DocumentKind.INCOME_PROOF, FITS), (DocumentKind.BANK_STATEMENT, FITS))

COOPERATIVE = VisitOutcome(
    finding=Finding.F01,
    person=PersonMet.BORROWER,
    recommendation=Recommendation.OFFER_PLAN,
    why="本人配合，收入下降但仍有工作，愿意分期",
    sections={
        Section.IDENTITY: IDENTITY,
        Section.CAPACITY: Established(
            verdict=Verdict.PARTLY_ABLE, confidence="0.85", note="近三个月收入下降约三成", papers=INCOME
        ),
        Section.CAUSE: Established(verdict=Verdict.TEMPORARY, confidence="0.80", note="换工作期间收入中断"),
        Section.RESIDENCE: HOME,
    },
    address=AddressVerdict.VALID,
    promises_share=Decimal("0.30"),
    statement="愿意按月分期偿还，下月发薪后先还一部分。",
)
HARDSHIP = VisitOutcome(
    finding=Finding.F02,
    person=PersonMet.BORROWER,
    recommendation=Recommendation.ASSESS_HARDSHIP,
    why="本人失业并患病，目前无收入，愿意配合",
    sections={
        Section.IDENTITY: IDENTITY,
        Section.CAPACITY: Established(
            verdict=Verdict.UNABLE, confidence="0.85", note="无工资入账", papers=((DocumentKind.BANK_STATEMENT, FITS),)
        ),
        Section.CAUSE: Established(
            verdict=Verdict.FORCE_MAJEURE,
            confidence="0.90",
            note="失业登记已核验，未留存复印件",
            papers=((DocumentKind.HARDSHIP_PROOF, SEEN),),
        ),
        Section.RESIDENCE: HOME,
    },
    address=AddressVerdict.VALID,
    statement="失业三个月，正在治疗，希望暂缓还款。",
)
ABLE_UNWILLING = VisitOutcome(
    finding=Finding.F01,
    person=PersonMet.BORROWER,
    recommendation=Recommendation.LEGAL_REVIEW,
    why="本人名下房产和车辆已核实，逾期后转移资产有登记记录，明确表示不还",
    sections={
        Section.IDENTITY: IDENTITY,
        Section.CAPACITY: Established(
            verdict=Verdict.ABLE,
            confidence="0.90",
            note="流水显示有稳定收入",
            papers=(
                (DocumentKind.BANK_STATEMENT, FITS),
                (DocumentKind.PROPERTY_DEED, SEEN),
                (DocumentKind.VEHICLE_REGISTRATION, SEEN),
            ),
        ),
        Section.CAUSE: Established(
            verdict=Verdict.WILFUL,
            confidence="0.85",
            note="流水显示逾期后转出资产，有能力未履行",
            papers=((DocumentKind.BANK_STATEMENT, FITS),),
        ),
        Section.RESIDENCE: HOME,
    },
    address=AddressVerdict.VALID,
    statement="有钱也不还。",
)
FORGOT = VisitOutcome(
    finding=Finding.F01,
    person=PersonMet.BORROWER,
    recommendation=Recommendation.REMOTE_CONTACT,
    why="本人更换手机号未更新，收入正常，同意尽快还清",
    sections={
        Section.IDENTITY: IDENTITY,
        Section.CAPACITY: Established(verdict=Verdict.ABLE, confidence="0.90", note="收入正常", papers=INCOME),
        Section.CAUSE: Established(verdict=Verdict.TEMPORARY, confidence="0.85", note="自动扣款账户停用"),
        Section.RESIDENCE: HOME,
    },
    address=AddressVerdict.VALID,
    promises_share=Decimal("1.00"),
    statement="换了银行卡没注意，下周还清。",
)
DISPUTES = VisitOutcome(
    finding=Finding.F03,
    person=PersonMet.BORROWER,
    recommendation=Recommendation.CEASE_AND_CARE,
    why="本人对金额有异议，已告知异议途径",
    sections={Section.IDENTITY: IDENTITY, Section.RESIDENCE: HOME},
    address=AddressVerdict.VALID,
    statement="认为有两期已经还过。",
)
DECLINES_TALK = VisitOutcome(
    finding=Finding.F04,
    person=PersonMet.BORROWER,
    recommendation=Recommendation.REMOTE_CONTACT,
    why="本人不愿交谈，已离开，不作任何不利判断",
    address=AddressVerdict.VALID,
)
FAMILY = VisitOutcome(
    finding=Finding.F10,
    person=PersonMet.FAMILY_ADULT,
    recommendation=Recommendation.REMOTE_CONTACT,
    why="仅见成年家属，未透露任何信息，请其转交密封信封",
)
NOBODY = VisitOutcome(
    finding=Finding.F20,
    person=PersonMet.NOBODY,
    recommendation=Recommendation.REMOTE_CONTACT,
    why="两次敲门无人应答",
)
LONG_ABSENT = VisitOutcome(
    finding=Finding.F21,
    person=PersonMet.NOBODY,
    recommendation=Recommendation.REPAIR_ADDRESS,
    why="门口积尘，长期无人居住迹象",
)
MOVED = VisitOutcome(
    finding=Finding.F22,
    person=PersonMet.PROPERTY_OFFICE,
    recommendation=Recommendation.REPAIR_ADDRESS,
    why="物业称已搬离，属传闻，请借款人更新地址",
    sections={Section.RESIDENCE: Established(verdict=Verdict.REFUTED, confidence="0.70", note="物业陈述")},
    address=AddressVerdict.INVALID,
    is_hearsay=True,
)
NO_ADDRESS = VisitOutcome(
    finding=Finding.F23,
    person=PersonMet.NOBODY,
    recommendation=Recommendation.REPAIR_ADDRESS,
    why="门牌不存在",
    sections={Section.RESIDENCE: Established(verdict=Verdict.REFUTED, confidence="0.90", note="现场无此门牌")},
    address=AddressVerdict.INVALID,
)
NOT_MINE = VisitOutcome(
    finding=Finding.F50,
    person=PersonMet.BORROWER,
    recommendation=Recommendation.FRAUD_REVIEW,
    why="本人称并未借款，转反欺诈核查",
    sections={
        Section.IDENTITY: Established(
            verdict=Verdict.DOUBTFUL,
            confidence="0.60",
            note="证件真实，但称被冒名",
            papers=((DocumentKind.IDENTITY_CARD, SEEN),),
        )
    },
    address=AddressVerdict.VALID,
    statement="没有借过这笔钱。",
)

# Which outcomes a visit to a borrower of each character can have, with weights.
OUTCOMES: Mapping[str, tuple[tuple[VisitOutcome, int], ...]] = {
    "PUNCTUAL": ((FORGOT, 1),),
    "FORGETFUL": ((FORGOT, 6), (COOPERATIVE, 2), (FAMILY, 1), (NOBODY, 1)),
    "IN_HARDSHIP": ((HARDSHIP, 6), (COOPERATIVE, 3), (FAMILY, 1)),
    "UNREACHABLE": ((COOPERATIVE, 3), (FORGOT, 2), (NOBODY, 2), (LONG_ABSENT, 1), (FAMILY, 1), (MOVED, 1)),
    "EVASIVE": ((ABLE_UNWILLING, 4), (DECLINES_TALK, 2), (NOBODY, 2), (MOVED, 1)),
    "FALSE_DATA": ((NO_ADDRESS, 3), (MOVED, 2), (NOT_MINE, 2), (LONG_ABSENT, 1)),
    "DISPUTING": ((DISPUTES, 5), (DECLINES_TALK, 1)),
}


def draw_outcome(*, character: str, dice: random.Random) -> VisitOutcome:
    """Return the outcome of a visit to a borrower of this character, drawn by weight."""
    outcomes = OUTCOMES.get(character, ((COOPERATIVE, 1),))
    return dice.choices([outcome for outcome, _weight in outcomes], weights=[weight for _outcome, weight in outcomes])[
        0
    ]
