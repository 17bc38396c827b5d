"""What a planning tells whoever watches it."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.factories.visits import AT, HOME
from visits.models import VisitOrder
from visits.services.dispatch.plan_watch import PlanWatch
from visits.services.dispatch.routes import CrewPair
from visits.services.dispatch.scheduling import schedule_visits


@dataclass(slots=True, kw_only=True)
class Listener(PlanWatch):
    told: list = field(default_factory=list)

    @property
    def now(self):
        return self.at + timedelta(seconds=40)

    def enter(self, phase):
        self.told.append(str(phase))

    def write(self, schedule):
        self.told.append(([order.pk for order in schedule.scheduled], len(schedule.refused)))


def test_a_watch_hears_the_phases_and_what_is_written_and_says_when_notices_go_out(approved, pair, dispatcher):
    order, watch = approved(), Listener(at=AT)
    crew = CrewPair(lead=pair[0], second=pair[1], latitude=HOME[0], longitude=HOME[1])

    schedule_visits(
        orders=[order], crews=[crew], day=date(2026, 3, 4), actor=dispatcher, at=AT, seconds=1, seed=1, watch=watch
    )

    assert watch.told == ["FACTS", "SEARCH", "WRITING", ([order.pk], 0)]
    assert VisitOrder.objects.get().notice_sent_at == AT + timedelta(seconds=40)


def test_who_only_looks_on_takes_the_instant_of_the_beginning():
    watch = PlanWatch(at=AT)

    assert (watch.now, watch.written_by(seconds=30)) == (AT, AT)
