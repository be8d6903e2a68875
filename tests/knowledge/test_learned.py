"""What people decided about earlier cases shifts what is guessed about the next, with a cap."""

import pytest

from bot.knowledge.directory import Department, Directory
from bot.knowledge.learned import LearnedRouting, Routed
from bot.knowledge.verdict import DepartmentGuess

DIRECTORY = Directory(
    [
        Department("qlrr", "Cục Quản lý rủi ro", "Risk", coordinating=True),
        Department("kiem-dinh", "Cục Kiểm định", "Verification"),
        Department("thue", "Cục Thuế", "Duties"),
        Department("cu", "Vụ Cũ", "Former", accepts_inquiries=False),
    ]
)
ASKED = "Lô hạt nhựa tái sinh của chúng tôi bị áp mã HS khác với khai báo, đề nghị xem lại"
LIKE_IT = "de nghi xem lai ma HS cua lo hat nhua tai sinh, hai quan ap ma khac voi khai bao"
OTHER = "Xin hoàn thuế nhập khẩu nguyên liệu đã xuất khẩu sản phẩm"
BACKGROUND = ("mã HS của mặt hàng", "hoàn thuế nhập khẩu", "lô hàng bị giữ", "đề nghị xem xét giúp", "công ty chúng tôi")


def guesses(**probabilities: float) -> list[DepartmentGuess]:
    return [DepartmentGuess(DIRECTORY[name.replace("_", "-")], share, "") for name, share in probabilities.items()]


def routed(*decided: tuple[str, str]) -> LearnedRouting:
    return LearnedRouting([Routed(f"YC-2026-{n:06d}", text, to) for n, (text, to) in enumerate(decided, 1)], BACKGROUND)


def shares(learned: LearnedRouting, text: str, **probabilities: float) -> dict[str, float]:
    return {each.department.id: each.probability for each in learned.shift(text, guesses(**probabilities), DIRECTORY)}


def test_without_decisions_nothing_is_shifted() -> None:
    given = guesses(thue=0.8, kiem_dinh=0.2)
    assert routed().shift(ASKED, given, DIRECTORY) == given


def test_a_decision_about_something_else_shifts_nothing() -> None:
    assert shares(routed((OTHER, "thue")), ASKED, kiem_dinh=0.9, thue=0.1) == {"kiem-dinh": 0.9, "thue": 0.1}


def test_one_decision_shakes_what_was_sure_and_does_not_turn_it() -> None:
    shifted = shares(routed((ASKED, "kiem-dinh")), ASKED, thue=0.95, kiem_dinh=0.05)
    assert list(shifted) == ["thue", "kiem-dinh"]
    assert shifted["thue"] < 0.7


def test_decisions_that_agree_turn_it() -> None:
    shifted = shares(routed(*[(ASKED, "kiem-dinh")] * 3), ASKED, thue=0.95, kiem_dinh=0.05)
    assert next(iter(shifted)) == "kiem-dinh"
    assert shifted["kiem-dinh"] >= 0.7


def test_however_many_agree_what_the_text_says_still_counts() -> None:
    shifted = shares(routed(*[(ASKED, "kiem-dinh")] * 50), ASKED, thue=1.0)
    assert shifted["thue"] == pytest.approx(0.3)


def test_decisions_that_disagree_hold_each_other() -> None:
    shifted = shares(routed((ASKED, "kiem-dinh"), (ASKED, "thue")), ASKED, thue=0.6, kiem_dinh=0.4)
    assert abs(shifted["thue"] - shifted["kiem-dinh"]) < 0.1


def test_the_same_matter_in_other_words_and_without_diacritics_counts() -> None:
    shifted = shares(routed(*[(ASKED, "kiem-dinh")] * 3), LIKE_IT, thue=0.6, kiem_dinh=0.4)
    assert next(iter(shifted)) == "kiem-dinh"


def test_a_department_that_was_not_guessed_at_all_can_come_in() -> None:
    shifted = shares(routed(*[(ASKED, "kiem-dinh")] * 3), ASKED, thue=0.5, qlrr=0.3)
    assert next(iter(shifted)) == "kiem-dinh"


def test_it_is_said_which_inquiries_it_was_learned_from() -> None:
    shifted = routed((ASKED, "kiem-dinh"), (OTHER, "thue")).shift(ASKED, guesses(thue=1.0), DIRECTORY)
    assert {each.department.id: each.like for each in shifted} == {"kiem-dinh": ("YC-2026-000001",), "thue": ()}


@pytest.mark.parametrize("gone", ["cu", "nowhere"])
def test_a_department_that_takes_nothing_any_more_teaches_nothing(gone: str) -> None:
    given = guesses(thue=0.8, kiem_dinh=0.2)
    assert routed((ASKED, gone)).shift(ASKED, given, DIRECTORY) == given


def test_the_shares_never_sum_to_more_than_before() -> None:
    shifted = shares(routed(*[(ASKED, "kiem-dinh")] * 4), ASKED, thue=0.7, qlrr=0.3)
    assert sum(shifted.values()) == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize("text", ["", "???", "😀", "x" * 5000])
def test_any_text_is_taken(text: str) -> None:
    routed((text, "thue"), (ASKED, "thue")).shift(text, guesses(thue=1.0), DIRECTORY)
