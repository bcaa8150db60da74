"""The cost cap: kept in any interleaving of sixteen calls, however they end."""

from hypothesis import given, settings

from tests.property.paid_calls import SPREES, Spree, check_spree


@settings(deadline=None)
@given(SPREES)
def test_the_cap_holds_in_any_interleaving(case: Spree) -> None:
    check_spree(case)
