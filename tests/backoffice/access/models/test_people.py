"""People and territories: who sees which."""

from backoffice.access.models import StandIn, Territory, User


def test_people_see_themselves_administrators_and_auditors_everybody(officer, approver, administrator, auditor):
    for who, seen in ((officer, {officer}), (administrator, None), (auditor, None)):
        assert set(User.objects.visible_to(who)) == (seen or set(User.objects.all()))


def test_territories_are_seen_by_their_people_and_by_administrators(officer, administrator, shanghai, chengdu):
    assert set(Territory.objects.visible_to(officer)) == {shanghai}
    assert set(Territory.objects.visible_to(administrator)) == {shanghai, chengdu}


def test_a_person_that_is_not_saved_has_no_territories():
    assert User(username="new", role="APPROVER").territory_ids == ()


def test_stand_ins_are_seen_by_the_two_and_by_administrators(
    approver, person, administrator, auditor, officer, at, today
):
    colleague = person("APPROVER", name="colleague")
    entry = StandIn.objects.create(
        person=approver,
        stand_in=colleague,
        starts_on=today,
        ends_on=today,
        reason="away",
        entered_by=approver,
        created_at=at,
        updated_at=at,
    )

    def seen(who):
        return list(StandIn.objects.visible_to(who))

    assert [seen(who) for who in (approver, colleague, administrator, auditor)] == [[entry]] * 4
    assert [seen(who) for who in (officer, person("APPROVER", name="third"))] == [[], []]
