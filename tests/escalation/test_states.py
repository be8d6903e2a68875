"""The state machine, by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.escalation.states import FINAL, MOVES, OPEN, WITH_A_DEPARTMENT, Event, IllegalMove, State, can, move, possible


@given(st.lists(st.sampled_from(Event)))
def test_no_sequence_of_events_leaves_the_table(events: list[Event]) -> None:
    state = State.RECEIVED
    for event in events:
        before = state
        try:
            state = move(state, event)
        except IllegalMove:
            assert (before, event) not in MOVES
        else:
            assert MOVES[before, event] == state


@given(st.lists(st.sampled_from(Event)))
def test_an_inquiry_never_returns_to_waiting_for_its_routing_once_it_was_routed(events: list[Event]) -> None:
    state, routed = State.RECEIVED, False
    for event in events:
        if can(state, event):
            state = move(state, event)
        routed = routed or state is State.ROUTED
        assert not (routed and state is State.AWAITING_ROUTING)


@given(st.lists(st.sampled_from(Event)))
def test_nobody_answers_before_a_department_has_it(events: list[Event]) -> None:
    state, with_department = State.RECEIVED, False
    for event in events:
        if can(state, event):
            state = move(state, event)
        with_department = with_department or state in WITH_A_DEPARTMENT
        assert state is not State.ANSWERED or with_department


def test_every_state_but_the_final_ones_leads_somewhere() -> None:
    assert {state for state in State if not possible(state)} == set(FINAL)


def test_every_state_is_reached_from_the_first() -> None:
    reached = {State.RECEIVED}
    while new := {after for (before, _), after in MOVES.items() if before in reached} - reached:
        reached |= new
    assert reached == set(State)


def test_from_every_open_state_an_answer_or_a_refusal_can_be_reached() -> None:
    ends = {State.ANSWERED, State.ANSWERED_BY_BOT, State.DECLINED, State.CLOSED}
    for start in OPEN:
        reached = {start}
        while new := {after for (before, _), after in MOVES.items() if before in reached} - reached:
            reached |= new
        assert reached & ends


@pytest.mark.parametrize("event", [Event.ROUTE, Event.ANSWER, Event.TAKE, Event.REOPEN])
def test_a_declined_inquiry_stays_declined(event: Event) -> None:
    with pytest.raises(IllegalMove):
        move(State.DECLINED, event)
