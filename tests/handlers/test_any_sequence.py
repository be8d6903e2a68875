"""Whatever one person does, in whatever order: it is answered, and every inquiry stands where its history says."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.escalation.states import State
from storage import clocks
from tests.handlers.conftest import (
    INVESTIGATED,
    KNOWN,
    NOBODYS,
    REPORT,
    STUCK,
    TAX_CODE,
    UNSURE,
    Helpdesk,
    Person,
)

TEXTS = st.one_of(
    st.sampled_from(
        [
            KNOWN, UNSURE, STUCK, NOBODYS, REPORT, INVESTIGATED, TAX_CODE, "0100233489", "Công ty Bình Minh", "xin chào",
            "🙂", "", "/start", "/menu", "/help", "/inquiries", "/ask_officer", "/cancel", "/skip", "/language", "/abc",
            "/join x", "bỏ qua", "hủy", "gặp cán bộ", "yêu cầu của tôi", "YC-2026-000001",
            "yc-2026-2 xin bổ sung thêm chứng từ của lô hàng hôm qua ạ",
            "a" * 9000,
        ]
    ),
    st.text(max_size=40),
)  # fmt: skip
ACTIONS = st.builds(
    lambda name, arguments: ":".join([name, *arguments]),
    st.sampled_from(
        ["menu", "inquiries", "inquiry", "officer", "ask_officer", "pick", "helped", "not_helped", "add", "reply", "to",
         "as_new", "solved", "unsolved", "rate", "details", "skip", "cancel", "lang", "language", "help", "privacy", "x"]
    ),
    st.lists(st.sampled_from(["0", "1", "5", "vi", "en", "#1", "#2", "x", ""]), max_size=2),
)  # fmt: skip
ACTS = st.one_of(
    st.tuples(st.just("says"), TEXTS),
    st.tuples(st.just("acts"), ACTIONS),
    st.tuples(st.just("presses"), st.integers(0, 30)),
    st.tuples(st.just("sends"), TEXTS),
    st.tuples(st.just("officer"), st.sampled_from(["answers", "asks_back", "closes", "routes"])),
)


async def do(helpdesk: Helpdesk, person: Person, act: str, what: object) -> bool:
    """Do one thing; return whether it was the person's, so that an answer is due."""
    inquiries = await person.inquiries()
    if act == "says":
        await person.says(str(what))
    elif act == "sends":
        await person.sends("tep.pdf", text=str(what))
    elif act == "acts":
        known = {f"#{place}": str(each.id) for place, each in enumerate(inquiries, 1)}
        await person.acts(":".join(known.get(part, part) for part in str(what).split(":")))
    elif act == "presses":
        offered = [button.action for message in person.heard for row in message.buttons for button in row]
        await person.acts(offered[int(str(what)) % len(offered)] if offered else "menu")
    else:
        state = State(inquiries[-1].state) if inquiries else None
        if state in (State.ROUTED, State.IN_PROGRESS, State.REOPENED) and what == "answers":
            await helpdesk.answers(person)
        elif state in (State.ROUTED, State.IN_PROGRESS) and what == "asks_back":
            await helpdesk.asks_back(person)
        elif state is State.ROUTED and what == "closes":
            await helpdesk.closes(person, reason="Doanh nghiệp rút hồ sơ")
        elif state is State.AWAITING_ROUTING and what == "routes":
            await helpdesk.routes(person, "thue")
        return False
    return True


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(acts=st.lists(ACTS, max_size=14))
async def test_any_sequence_is_answered_and_explained_by_its_histories(
    helpdesk: Helpdesk, acts: list[tuple[str, object]]
) -> None:
    person = helpdesk.person("")
    for act, what in acts:
        heard = len(person.heard)
        if await do(helpdesk, person, act, what):
            assert len(person.heard) > heard, (act, what)
            assert person.heard[-1].text.strip()
            assert "trục trặc" not in person.last, (act, what)
            assert "went wrong" not in person.last, (act, what)
    assert await helpdesk.histories_hold()
    async with helpdesk.core.database.read() as uow:
        for inquiry in await person.inquiries():
            rungs = await clocks.rungs(uow, inquiry.id)
            clock_runs = any(row["clock"] == "routing" and row["pending_at"] for row in rungs)
            assert clock_runs == (inquiry.state == State.AWAITING_ROUTING), inquiry
    assert await helpdesk.holds_nothing_of("vòi tiền")
