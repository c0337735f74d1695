"""What operators do to containers, and what happens to them: no accepted fitting is lost."""

import time
from functools import partial

from compose.containers import SERVICES, docker, inspect, python, run, wait_until

ROOM_AT_REST = 16 << 20
"""Bytes that a service may still take when it is to run out of memory at its next fitting."""
CALLS = (
    "import urllib.request as r; page = r.urlopen('http://127.0.0.1:8000/metrics').read().decode();"
    "print(sum(float(line.split()[-1]) for line in page.splitlines()"
    " if line.startswith('vf_requests_total') and 'path=\"/v1/' in line and 'status=\"200\"' in line))"
)
"""Prints how many fittings' stages a service has answered."""


def answered(container: str) -> float:
    return float(python(container, CALLS))


def all_succeeded(outcome: dict[str, str], accepted: list[str]) -> bool:
    assert len(set(accepted)) == len(accepted)
    assert outcome == dict.fromkeys(accepted, "succeeded")
    return True


def any_is(market, fittings: list[str], state: str) -> bool:
    return any(market.fitting(fitting)["state"] == state for fitting in fittings)


def healthy(stack, service: str) -> bool:
    return all(inspect(container)["State"]["Health"]["Status"] == "healthy" for container in stack.ids(service))


def test_scaling_under_load(stack, market):
    """Two more replicas share the load at once, without a restart of the gateway; taking them away loses nothing."""
    gateway = inspect(stack.id("gateway"))["State"]["StartedAt"]
    (first,) = stack.ids("parse")

    accepted = market.accept_many(10)
    stack("up", "--detach", "--no-recreate", "--scale", "parse=3")
    added = [container for container in stack.ids("parse") if container != first]
    assert len(added) == 2
    wait_until(lambda: healthy(stack, "parse"), 60, "the new replicas are healthy")
    accepted += market.accept_many(6)
    wait_until(lambda: all(answered(container) > 0 for container in added), 120, "the new replicas work")
    stack("up", "--detach", "--no-recreate", "--scale", "parse=1")
    assert all_succeeded(market.outcome(accepted, 300), accepted)

    assert len(stack.ids("parse")) == 1
    assert inspect(stack.id("gateway"))["State"]["StartedAt"] == gateway


def test_each_container_is_killed_during_thirty_fittings(stack, market):
    """`docker kill`, no warning and no restart policy; somebody starts the container again seconds later."""
    accepted: list[str] = []
    for number, service in enumerate((*SERVICES, "gateway")):
        fresh = market.accept_many(5 if number < 2 else 4)
        accepted += fresh
        wait_until(lambda fresh=fresh: any_is(market, fresh, "running"), 60, "one of them runs")
        container = stack.id(service)
        docker("kill", container)
        time.sleep(3)
        docker("start", container)
        wait_until(partial(healthy, stack, service), 90, f"{service} is healthy")
        market.wait_ready()
    assert len(accepted) == 30
    assert all_succeeded(market.outcome(accepted, 400), accepted)


def test_a_service_is_cut_off_from_the_network(stack, market):
    container = stack.id("hrviton")
    accepted = market.accept_many(4)
    wait_until(lambda: market.fitting(accepted[0])["state"] == "running", 30, "a fitting runs")
    docker("network", "disconnect", stack.network, container)
    time.sleep(10)
    docker("network", "connect", "--alias", "hrviton", stack.network, container)
    assert all_succeeded(market.outcome(accepted, 200), accepted)


def test_a_service_runs_out_of_memory(stack, market):
    """The kernel kills its decoders at their work, or all of it, and Docker starts it again; with memory it goes on."""
    container = stack.id("hrviton")
    limit = inspect(container)["HostConfig"]["Memory"]
    docker("restart", container)  # what it took before is given back
    wait_until(partial(healthy, stack, "hrviton"), 90, "hrviton is healthy")
    deaths, kills = inspect(container)["RestartCount"], kernel_kills(container)
    assert set_memory(container, memory_in_use(container) + ROOM_AT_REST)
    try:
        accepted = market.accept_many(3)
        wait_until(
            lambda: inspect(container)["RestartCount"] > deaths or kernel_kills(container) > kills,
            90,
            "the kernel kills in the service's container",
        )
    finally:
        wait_until(partial(set_memory, container, limit), 60, "the limit is as before")
    assert all_succeeded(market.outcome(accepted, 200), accepted)


def memory_in_use(container: str) -> int:
    """Bytes, as the kernel counts them; control groups of version 1 or 2."""
    files = "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory/memory.usage_in_bytes"
    return next(int(found) for file in files if (found := docker("exec", container, "cat", file, check=False)))


def kernel_kills(container: str) -> int:
    """How many processes of a container the kernel killed for memory; control groups of version 1 or 2."""
    files = "/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events"
    told = "\n".join(docker("exec", container, "cat", file, check=False) for file in files)
    return sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("oom_kill "))


def set_memory(container: str, limit: int) -> bool:
    """Whether Docker took the new limit; a container that is just starting takes none."""
    return not run(
        "docker", "update", "--memory", str(limit), "--memory-swap", str(limit), container, check=False
    ).returncode


def test_the_whole_stack_restarts_with_fittings_in_flight(stack, market):
    accepted = market.accept_many(6)
    wait_until(lambda: market.fitting(accepted[0])["state"] == "running", 30, "a fitting runs")
    stack("restart")
    market.wait_ready()
    assert all_succeeded(market.outcome(accepted, 300), accepted)
