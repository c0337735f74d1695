from __future__ import annotations

from vf_gateway.stages.replicas import Replicas


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def make(clock: Clock) -> Replicas:
    return Replicas("http://densepose:8000/base", resolve_seconds=5, aside_seconds=10, clock=clock)


def test_the_address_with_the_fewest_calls_in_flight_is_used() -> None:
    replicas = make(Clock())
    addresses = ["10.0.0.1", "10.0.0.2"]
    with replicas.lease(addresses) as first, replicas.lease(addresses) as second:
        assert {first.address, second.address} == set(addresses)
        assert str(replicas.request_url(first, "/v1/info")) == f"http://{first.address}:8000/base/v1/info"
    assert replicas.request_headers() == {"host": "densepose:8000"}


def test_a_failing_address_is_set_aside_and_probed_again() -> None:
    clock = Clock()
    replicas = make(clock)
    addresses = ["10.0.0.1", "10.0.0.2"]
    with replicas.lease(addresses) as failing:
        replicas.set_aside(failing)
    for _ in range(5):
        with replicas.lease(addresses) as other:
            assert other.address != failing.address
    clock.now += 11
    with replicas.lease(addresses) as one, replicas.lease(addresses) as two:
        assert failing.address in (one.address, two.address)


def test_when_all_failed_one_is_tried_all_the_same() -> None:
    replicas = make(Clock())
    with replicas.lease(["10.0.0.1"]) as only:
        replicas.set_aside(only)
    with replicas.lease(["10.0.0.1"]) as again:
        assert again.address == "10.0.0.1"
