"""Weight files that are missing, broken, another's or hostile."""

from pathlib import Path

import clothmask_golden as golden
import pytest
import torch

from vf_clothmask.app import ClothmaskSettings, reference_engine
from vf_clothmask.reference.checkpoints import fill, read_state
from vf_clothmask.reference.engine import FBA_FILE, TRACER_FILE, U2NET_FILE, ReferenceEngine
from vf_clothmask.reference.library import FBAMatting
from vf_testing.precision import precision
from vfkit.problems import Code, Problem


@pytest.mark.parametrize(
    ("network", "there", "missing"),
    [("tracer_b7", (), TRACER_FILE), ("tracer_b7", (TRACER_FILE,), FBA_FILE), ("u2net", (TRACER_FILE,), U2NET_FILE)],
)
def test_missing_file_is_named(network, there, missing, tmp_path):
    for file in there:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    with pytest.raises(Problem, match=missing) as caught:
        ReferenceEngine(tmp_path, network=network).load()
    assert caught.value.code is Code.WEIGHTS_MISSING


@pytest.mark.parametrize("allowed", [True, False])
def test_tf32_is_off_unless_it_is_allowed(tmp_path, monkeypatch, allowed):
    def make(**said):
        return reference_engine(ClothmaskSettings(weights=tmp_path, **said))

    name = "tf32" if allowed else "ieee"
    found = precision(make, monkeypatch, allow_tf32=allowed)
    assert found == ((name, name, name), allowed, "float32", False)
    assert found.told_on_cpu is False


class Payload:
    """Would make a file when unpickled."""

    def __init__(self, witness):
        self.witness = witness

    def __reduce__(self):
        return Path.touch, (self.witness,)


def test_a_file_cannot_run_anything(tmp_path):
    witness, file = tmp_path / "witness", tmp_path / "tracer_b7.pth"
    torch.save({"encoder": Payload(witness)}, file)
    with pytest.raises(Problem, match=r"tracer_b7\.pth cannot be read"):
        read_state(file)
    assert not witness.exists()


@pytest.mark.parametrize("content", [[1, 2], {"state_dict": {"weight": torch.zeros(1)}}])
def test_other_contents_are_refused(content, tmp_path):
    torch.save(content, tmp_path / "fba_matting.pth")
    with pytest.raises(Problem, match=r"fba_matting\.pth is not a plain state dict"):
        read_state(tmp_path / "fba_matting.pth")


def test_keys_that_do_not_fit_are_named():
    network, state = FBAMatting(load_pretrained=False), golden.state("fba")
    state["unknown.weight"] = torch.zeros(1)  # CarveKit's files hold more than is used
    fill(network, state, "fba_matting.pth")
    first, second, *_ = state
    del state[first]
    state[second] = torch.zeros(7)
    with pytest.raises(Problem) as caught:
        fill(network, state, "fba_matting.pth")
    assert f"{first} is missing" in caught.value.detail
    assert f"{second} has shape (7,)" in caught.value.detail
