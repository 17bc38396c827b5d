"""From the frozen facts of a letter to its sentences: what, why, since when and how long, what helps, how to object, whom to ask."""

from collections.abc import Iterator
from typing import Final

from cases.enums import DecisionKind, LetterKind
from cases.rules.circumstances import ANSWER_DAYS
from cases.rules.letters.bank import Bank
from cases.rules.letters.facts import LetterFacts
from cases.rules.letters.figures import amount, day, days, listed, percent
from cases.rules.letters.letter import Letter, Reader, Section
from cases.rules.letters.plan_letters import WAY_OF_PLANS, WHAT_OF_PLANS, plan_values, shown_instalments
from cases.rules.letters.waiver_letters import (
    OF_WAIVERS,
    WAY_OF_WAIVERS,
    WHAT_OF_WAIVERS,
    WHEN_OF_WAIVERS,
    part_path,
    waiver_values,
)

# Letters that tell of the end of a decision.
OVER: Final = frozenset({LetterKind.LIFTED, LetterKind.ENDED, LetterKind.REVERSED})
# Letters that take nothing that anybody could object to.
_GIVES: Final = frozenset({LetterKind.RESUMED, LetterKind.FULFILLED, LetterKind.EARNED})
_REWARDS: Final = frozenset({DecisionKind.LIMIT_INCREASE, DecisionKind.RATE_REDUCTION})
_HELP: Final = frozenset(
    {
        DecisionKind.GRACE,
        DecisionKind.RATE_RELIEF,
        DecisionKind.SPECIAL_CARE,
        DecisionKind.PLAN,
        DecisionKind.WAIVER,
    }
)
_WAYS: Final = {
    DecisionKind.GRACE: "still_hard",
    DecisionKind.SPECIAL_CARE: "still_hard",
    DecisionKind.RATE_RELIEF: "still_hard",
    DecisionKind.PLAN: "accept",
    DecisionKind.LIMIT_INCREASE: "accept",
}


def compose(*, kind: str, facts: LetterFacts, reader: Reader, bank: Bank) -> Letter:
    """Return the letter of a kind (`LetterKind`) about a decision, in the reader's language."""
    writer = _Writer(LetterKind(kind), facts, reader, bank)
    say = writer.say
    return Letter(
        language=reader.language,
        title=say("outside.title"),
        file=say("outside.file"),
        labels=(
            (say("labels.number"), reader.number),
            (say("labels.date"), day(facts.happened_on, language=reader.language)),
            (say("labels.account"), reader.account),
            (say("labels.check"), reader.check),
        ),
        greeting=say("frame.greeting"),
        sections=tuple(writer.sections()),
        thanks=say("frame.thanks"),
        sender=reader.lender,
    )


class _Writer:
    """Chooses the sentences of one letter."""

    def __init__(self, kind: LetterKind, facts: LetterFacts, reader: Reader, bank: Bank) -> None:
        self.kind, self.facts, self.reader, self.bank = kind, facts, reader, bank
        part = part_path(facts=facts)
        self.values = _values(facts, reader, customer=bank.say("frame.customer", language=reader.language)) | {
            "part": bank.say(part, language=reader.language) if part else "—"
        }
        self.is_waiver = facts.kind == DecisionKind.WAIVER and kind in WHAT_OF_WAIVERS

    def say(self, path: str, **more: str) -> str:
        return self.bank.say(path, language=self.reader.language, **self.values | more)

    def sections(self) -> Iterator[Section]:
        changed = self.kind not in (LetterKind.GRANTED, LetterKind.TAKEN)
        yield self._section("what", self._what(), heading="change" if changed else "what", rows=self._rows())
        yield self._section("why", self._why())
        yield self._section("when", self._when())
        yield self._section("way", self._way())
        if not (self.kind in OVER and self.facts.is_adverse) and self.kind not in _GIVES:
            yield self._section("object", map(self.say, ("object.how", "object.who", "object.safe", "object.explain")))
        yield self._section("ask", map(self.say, ("ask.phone", "ask.quote")))

    def _section(
        self, name: str, sentences: Iterator[str], *, heading: str = "", rows: tuple[tuple[str, ...], ...] = ()
    ) -> Section:
        return Section(
            name=name, heading=self.say(f"headings.{heading or name}"), sentences=tuple(sentences), rows=rows
        )

    def _what(self) -> Iterator[str]:
        kind = self.facts.kind
        if self.is_waiver:
            yield from map(self.say, WHAT_OF_WAIVERS[self.kind])
            return
        if self.kind in WHAT_OF_PLANS:
            yield from map(self.say, WHAT_OF_PLANS[self.kind])
            return
        yield self.say(f"what.OVER.{kind}" if self.kind in OVER else f"what.{self.kind}.{kind}")
        if self.kind == LetterKind.GRANTED:
            if kind == DecisionKind.GRACE and self.facts.terms.get("waive_penalty"):
                yield self.say("details.penalty_waived")
            if kind == DecisionKind.PLAN:
                yield self.say("details.plan_peace")
        elif self.kind != LetterKind.TAKEN and (kind in _REWARDS or self.facts.is_adverse):
            yield self.say("details.account_now")

    def _rows(self) -> tuple[tuple[str, ...], ...]:
        """Return the instalments that are offered, agreed or were missed, with the head of the table."""
        shown = shown_instalments(kind=self.kind, facts=self.facts)
        if not shown:
            return ()
        language, currency = self.reader.language, self.facts.currency
        head = (self.say("labels.instalment"), self.say("labels.due_on"), self.say("labels.amount"))
        return (
            head,
            *(
                (str(n), day(on, language=language), amount(value, currency=currency, language=language))
                for n, on, value in shown
            ),
        )

    def _why(self) -> Iterator[str]:
        facts = self.facts
        if self.kind in OVER:
            yield self.say(self._end_reason())
            return
        if self.kind in (LetterKind.SUSPENDED, LetterKind.RESUMED, *WHAT_OF_PLANS, *OF_WAIVERS):
            yield self.say(f"why.{self.kind.lower()}")
            return
        if facts.days_past_due > 0 and facts.kind not in _REWARDS:
            yield self.say("why.standing")
        for code in facts.reasons:
            yield from self._reason(code)
        yield from self._evidence()
        if self.reader.note:
            yield self.say("why.words")
        yield self.say("why.by_person" if facts.by_person else "why.by_rules")

    def _end_reason(self) -> str:
        if self.kind == LetterKind.REVERSED:
            return "why.upheld" if self.facts.upheld else "why.reversed"
        if self.kind == LetterKind.ENDED:
            return "why.ended"
        return "why.reasons.PAID" if self.facts.is_adverse and self.facts.arrears == 0 else "why.lifted"

    def _reason(self, code: str) -> Iterator[str]:
        path = f"why.reasons.{code}"
        if not self.bank.has(path):
            # A rule that the lender wrote has no sentence here; its approved title says what it is about.
            title = self.reader.rules.get(code)
            yield self.say("why.rule", rule=title) if title else self.say("why.reasons.OFFICER_JUDGEMENT")
        elif self.facts.on_time_months is None and "{months}" in self.bank.sentences[path]["en"]:
            yield self.say("why.reasons.PAID_ON_TIME")
        else:
            yield self.say(path)

    def _evidence(self) -> Iterator[str]:
        found, language = self.facts.found, self.reader.language
        if found is not None:
            source = "visit" if found.source == "VISIT" else "desk"
            sections = listed((self.say(f"why.sections.{each}") for each in found.sections), language=language)
            path = f"why.{source}" if sections else f"why.{source}_bare"
            yield self.say(path, on=day(found.on, language=language), sections=sections)
        elif self.facts.on_time_months is not None:
            yield self.say("why.records")

    def _when(self) -> Iterator[str]:
        facts = self.facts
        if self.is_waiver:
            yield self.say(WHEN_OF_WAIVERS[self.kind])
        elif self.kind in OVER or self.kind == LetterKind.BROKEN:
            yield self.say("when.over")
        elif self.kind == LetterKind.AGREED:
            yield self.say("when.plan")
        elif self.kind == LetterKind.FULFILLED:
            yield self.say("when.fulfilled")
        elif self.kind == LetterKind.SUSPENDED:
            yield self.say("when.paused")
        elif self.kind in (LetterKind.RESUMED, LetterKind.REOPENED):
            yield self.say("when.again")
        elif facts.kind == DecisionKind.PLAN:
            yield self.say("when.offer" if facts.ends_on else "when.offer_open")
        else:
            # A higher limit begins when the borrower agrees; the other decisions begin by themselves.
            if facts.kind != DecisionKind.LIMIT_INCREASE:
                yield self.say("when.begins")
            if facts.kind != DecisionKind.CLOSE:
                yield self.say("when.until" if facts.ends_on else "when.open")

    def _way(self) -> Iterator[str]:
        facts = self.facts
        if self.is_waiver:
            yield from map(self.say, WAY_OF_WAIVERS[self.kind])
        elif self.kind in WAY_OF_PLANS:
            yield from map(self.say, WAY_OF_PLANS[self.kind])
        elif self.kind == LetterKind.TAKEN:
            path = f"way.{facts.terms.get('way_back', '')}"
            if self.bank.has(path):
                yield self.say(path)
            yield self.say("way.talk_first")
        elif self.kind == LetterKind.SUSPENDED:
            yield self.say("way.pay_to_return")
        elif self.kind == LetterKind.GRANTED:
            yield self.say(f"way.{_WAYS.get(DecisionKind(facts.kind), 'nothing')}")
        else:
            yield self.say("way.agreed_terms" if self.kind in OVER and facts.kind in _HELP else "way.nothing")


def _values(facts: LetterFacts, reader: Reader, *, customer: str) -> dict[str, str]:
    """Return what fills the places of the sentences, as the reader's language writes it."""
    language = reader.language

    def money(name: str) -> str:
        return amount(facts.figure(name), currency=facts.currency, language=language)

    return {
        "addressee": reader.addressee or customer,
        "number": reader.number,
        "phone": reader.phone,
        "answer_days": str(ANSWER_DAYS),
        "words": reader.note,
        "as_of": day(facts.as_of, language=language),
        "days": days(facts.days_past_due, language=language),
        "arrears": amount(facts.arrears, currency=facts.currency, language=language),
        "months": str(facts.on_time_months or 0),
        "rate": percent(facts.rate),
        "limit": amount(facts.limit, currency=facts.currency, language=language),
        "new_rate": percent(facts.figure("rate")),
        "new_limit": money("limit"),
        **waiver_values(facts=facts, language=language),
        **plan_values(facts=facts, language=language),
        "decided_on": day(facts.decided_on, language=language),
        "happened_on": day(facts.happened_on, language=language),
        "ends_on": day(facts.ends_on, language=language),
    }
