"""Who may sign in, and what happens to those who guess."""

import asyncio
from datetime import timedelta

import pytest

from bot.access import errors
from bot.access.officers import FREE_ATTEMPTS, pause_after
from tests.office import OWN, PASSWORD, Office


async def test_the_one_time_password_signs_in_and_has_to_be_changed(office: Office) -> None:
    _, password = await office.officers.add(login="Lan", name="Nguyễn Thị Lan", role="officer", department=OWN)
    officer = await office.officers.sign_in("lan", password)
    assert officer.must_change_password
    await office.officers.change_password(officer.id, old=password, new=PASSWORD)
    assert not (await office.officers.sign_in("LAN ", PASSWORD)).must_change_password
    with pytest.raises(errors.SignInWrong):
        await office.officers.sign_in("lan", password)


async def test_a_department_may_be_given_by_its_name(office: Office) -> None:
    name = office.core.knowledge.directory[OWN].name
    officer, _ = await office.officers.add(login="lan", name="Lan", role="officer", department=name)
    assert officer.department_id == OWN


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"login": "l"}, errors.LoginWrong),
        ({"login": "lan thi"}, errors.LoginWrong),
        ({"login": "<b>"}, errors.LoginWrong),
        ({"name": "  "}, errors.NameMissing),
        ({"role": "emperor"}, errors.RoleUnknown),
        ({"department": None}, errors.DepartmentMissing),
        ({"department": "phòng không có"}, errors.NoSuchDepartment),
    ],
)
async def test_a_wrong_officer_is_refused_and_nobody_is_added(
    office: Office, given: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await office.officers.add(**{"login": "lan", "name": "Lan", "role": "officer", "department": OWN, **given})
    assert await office.officers.list() == []


async def test_a_login_is_given_once(office: Office) -> None:
    await office.officer("lan")
    with pytest.raises(errors.LoginTaken):
        await office.officers.add(login="LAN", name="Lan khác", role="officer", department=OWN)


async def test_the_first_administrator_is_made_once(office: Office) -> None:
    password = await office.officers.ensure_administrator()
    assert password is not None
    assert (await office.officers.sign_in("admin", password)).role == "administrator"
    assert await office.officers.ensure_administrator() is None


@pytest.mark.parametrize(
    ("new", "error"),
    [
        ("ngắn quá", errors.PasswordTooShort),
        ("quoc-hung-dinh", errors.PasswordIsLogin),
        ("QUOC-HUNG-DINH", errors.PasswordIsLogin),
        ("aaaaaaaaaaaaaa", errors.PasswordTooSimple),
        ("x" * 50 + "yz12" * 100, errors.PasswordTooLong),
        (PASSWORD, errors.PasswordNotNew),
    ],
)
async def test_a_bad_new_password_is_refused_and_the_old_one_stays(office: Office, new: str, error: type[Exception]) -> None:
    officer = await office.officer("quoc-hung-dinh")
    with pytest.raises(error):
        await office.officers.change_password(officer.id, old=PASSWORD, new=new)
    assert await office.officers.sign_in("quoc-hung-dinh", PASSWORD)


async def test_a_password_typed_on_another_keyboard_is_the_same(office: Office) -> None:
    await office.officer("lan")
    decomposed = "ma\u0323\u0302t kha\u0302\u0309u cu\u0309a to\u0302i"
    assert await office.officers.sign_in("lan", decomposed)


def test_the_pause_grows_with_each_failure_up_to_an_hour() -> None:
    pauses = [pause_after(failures) for failures in range(1, 30)]
    assert pauses[: FREE_ATTEMPTS - 1] == [timedelta()] * (FREE_ATTEMPTS - 1)
    assert pauses == sorted(pauses)
    assert pauses[FREE_ATTEMPTS - 1] == timedelta(seconds=30)
    assert pauses[-1] == timedelta(hours=1)


async def _fail(office: Office, login: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(errors.SignInWrong):
            await office.officers.sign_in(login, "không phải mật khẩu")


@pytest.mark.parametrize("login", ["lan", "nobody-of-that-name"])
async def test_after_repeated_failures_even_the_right_password_waits(office: Office, login: str) -> None:
    await office.officer("lan")
    await _fail(office, login, FREE_ATTEMPTS)
    with pytest.raises(errors.SignInPaused) as paused:
        await office.officers.sign_in(login, PASSWORD)
    assert paused.value.params["left"] == timedelta(seconds=30)


async def test_once_the_pause_is_over_the_right_password_clears_the_count(office: Office) -> None:
    await office.officer("lan")
    await _fail(office, "lan", FREE_ATTEMPTS)
    office.clock.advance(timedelta(seconds=31))
    assert await office.officers.sign_in("lan", PASSWORD)
    await _fail(office, "lan", FREE_ATTEMPTS - 1)
    assert await office.officers.sign_in("lan", PASSWORD)


async def test_a_hundred_guesses_at_once_are_not_a_hundred_guesses(office: Office) -> None:
    await office.officer("lan")
    guesses = [office.officers.sign_in("lan", f"đoán lần {n}") for n in range(100)]
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(outcome, errors.SignInWrong) for outcome in outcomes) <= FREE_ATTEMPTS


async def test_deactivating_ends_the_sessions_and_the_sign_in(office: Office) -> None:
    officer = await office.officer("lan")
    session = await office.sessions.start(officer)
    await office.officers.deactivate("lan")
    assert await office.sessions.find(session.token) is None
    with pytest.raises(errors.SignInWrong):
        await office.officers.sign_in("lan", PASSWORD)


async def test_the_last_administrator_stays(office: Office) -> None:
    await office.officers.ensure_administrator()
    with pytest.raises(errors.LastAdministrator):
        await office.officers.deactivate("admin")


async def test_a_new_one_time_password_ends_a_pause_and_all_sessions(office: Office) -> None:
    officer = await office.officer("lan")
    session = await office.sessions.start(officer)
    await _fail(office, "lan", FREE_ATTEMPTS)
    password = await office.officers.reset_password("lan")
    assert (await office.officers.sign_in("lan", password)).must_change_password
    assert await office.sessions.find(session.token) is None


async def test_a_flood_of_sign_ins_is_turned_away_instead_of_piling_up(office: Office) -> None:
    guesses = [office.officers.sign_in(f"stranger-{n}", "đoán bừa") for n in range(200)]
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {errors.SignInWrong, errors.SignInBusy}
