"""The search for what no door reaches finds what it should."""

from tests.repository.reachability import NOT_WIRED, main, modules, unreached


def test_nothing_is_unreached_but_what_is_declared(capsys):
    assert main() == 0, capsys.readouterr().out


def test_the_search_tells_what_is_called_from_what_is_not():
    found = unreached()

    assert "cases.services.intake.take_in.take_in" not in found
    assert "visits.services.dispatch.orders.approve_visit" not in found
    assert len(modules()) > 400


def test_each_entry_says_why():
    assert [name for name, reason in NOT_WIRED.items() if len(reason) < 20] == []
