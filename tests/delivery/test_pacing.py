"""Buckets: how fast, without ever being faster."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pacing import Bucket


@given(st.floats(0.5, 50), st.integers(1, 20), st.integers(20, 200))
def test_no_second_ever_sees_more_than_the_rate_and_one_burst(rate: float, burst: int, messages: int) -> None:
    bucket, now, sent = Bucket(rate, burst), 0.0, []
    for _ in range(messages):
        now += bucket.wait(now)
        bucket.take(now)
        sent.append(now)
    for start in sent:
        assert sum(start <= moment < start + 1 for moment in sent) <= rate + burst + 1


@given(st.floats(1, 50), st.integers(50, 200))
def test_over_a_long_time_the_rate_is_used_up(rate: float, messages: int) -> None:
    bucket, now = Bucket(rate, 1), 0.0
    for _ in range(messages):
        now += bucket.wait(now)
        bucket.take(now)
    assert now == pytest.approx((messages - 1) / rate, rel=0.01)


def test_what_the_platform_closed_stays_closed_until_then() -> None:
    bucket = Bucket(30, 10)
    bucket.close(until=7.0)
    assert bucket.wait(3.0) == pytest.approx(4.0)
    assert bucket.wait(7.0) == 0


def test_a_rate_of_zero_is_no_limit() -> None:
    bucket = Bucket(0, 1)
    for _ in range(1000):
        assert bucket.wait(0.0) == 0
        bucket.take(0.0)


def test_a_bucket_is_idle_once_it_is_full_again() -> None:
    bucket = Bucket(1, 2)
    bucket.take(0.0)
    assert not bucket.is_idle(0.5)
    assert bucket.is_idle(2.0)
