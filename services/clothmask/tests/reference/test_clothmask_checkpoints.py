"""Weight files that are missing, broken, another's or hostile."""

from pathlib import Path

import clothmask_golden as golden
import pytest
import torch

from vf_clothmask.app import ClothmaskSettings, reference_engine
from vf_clothmask.reference.checkpoints import fill, read_state
from vf_clothmask.reference.engine import FBA_FILE, TRACER_FILE, U2NET_FILE, ReferenceEngine
from vf_clothmask.reference.library import FBAMatting
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
    """On a GPU that is made up: the files are looked for after PyTorch is set up, so none are needed."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    engine = reference_engine(ClothmaskSettings(weights=tmp_path, device="cuda", allow_tf32=allowed))
    with pytest.raises(Problem, match="is missing"):
        engine.load()
    for place in (torch.backends.cudnn.conv, torch.backends.cudnn.rnn, torch.backends.cuda.matmul):
        assert place.fp32_precision == ("tf32" if allowed else "ieee")
    assert (engine.info.options["tf32"], engine.info.dtype) == (allowed, "float32")
    on_a_cpu = reference_engine(ClothmaskSettings(weights=tmp_path, allow_tf32=allowed))
    assert on_a_cpu.info.options["tf32"] is False


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
