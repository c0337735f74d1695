"""U-2-Net's ONNX file on CarveKit's network: every convolution where it belongs."""

import clothmask_golden as golden
import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from vf_clothmask.reference.checkpoints import fill, load_u2net
from vf_clothmask.reference.library import U2NET
from vf_clothmask.reference.pipeline import Pipeline
from vfkit.problems import Code, Problem

TOLERANCE = 1e-4
"""Folding a batch norm rounds each weight once, which 112 layers carry to 2e-5; a misplaced one shows far above it."""


@pytest.fixture(scope="module")
def original():
    """The network with batch norms."""
    network = U2NET(batch_size=1, load_pretrained=False)
    fill(network, golden.state("u2net"), "made up")
    return network


@pytest.fixture(scope="module")
def inputs():
    return torch.from_numpy(np.random.default_rng(0).standard_normal((1, 3, 96, 96), np.float32))


@pytest.fixture(scope="module")
def nodes(original, inputs):
    """(name in the file, weight, bias) of each convolution, batch norms folded in, as PyTorch's exporter leaves them.

    The order is that in which the convolutions run, taken down while they do, the side outputs last.
    """
    ran = []
    hooks = [
        module.register_forward_hook(lambda *_, name=name: ran.append(name))
        for name, module in original.named_modules()
        if isinstance(module, torch.nn.Conv2d)
    ]
    with torch.inference_mode():
        torch.nn.Module.__call__(original, inputs)
    for hook in hooks:
        hook.remove()
    blocks = [name for name in ran if name.endswith(".conv_s1")]
    sides = sorted(name for name in ran if not name.endswith(".conv_s1"))
    numbered = [(str(1967 + 3 * i), *_folded(original, name)) for i, name in enumerate(blocks)]
    named = [(name, original.get_submodule(name).weight, original.get_submodule(name).bias) for name in sides]
    return [(name, weight.numpy(), bias.numpy()) for name, weight, bias in (*numbered, *named)]


def _folded(network, name):
    """Weight and bias of a convolution and the batch norm behind it as one convolution."""
    convolution = network.get_submodule(name)
    norm = network.get_submodule(name.replace("conv_s1", "bn_s1"))
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return convolution.weight * scale[:, None, None, None], (convolution.bias - norm.running_mean) * scale + norm.bias


def _write(path, nodes):
    """An ONNX file with these convolutions; what lies between them does not matter."""
    convolutions, arrays = [], []
    for name, weight, bias in nodes:
        keys = (name, str(int(name) + 1)) if name.isdigit() else (f"{name}.weight", f"{name}.bias")
        arrays += [numpy_helper.from_array(array, key) for array, key in zip((weight, bias), keys, strict=True)]
        convolutions.append(helper.make_node("Conv", [f"to {name}", *keys], [f"from {name}"]))
    value = helper.make_tensor_value_info("input.1", TensorProto.FLOAT, [1, 3, 320, 320])
    onnx.save(helper.make_model(helper.make_graph(convolutions, "u2net", [value], [value], arrays)), path)
    return path


@pytest.fixture(scope="module")
def loaded(nodes, tmp_path_factory):
    """The network from the file."""
    return load_u2net(_write(tmp_path_factory.mktemp("u2net") / "u2net.onnx", nodes), "cpu")


def test_the_file_s_network_is_the_original(original, inputs, nodes, loaded):
    assert len(nodes) == 119
    with torch.inference_mode():
        expected = torch.nn.Module.__call__(original, inputs)
        found = torch.nn.Module.__call__(loaded, inputs)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, atol=TOLERANCE, rtol=0)


def test_mask_without_matting(loaded):
    with torch.inference_mode():
        mask = Pipeline(loaded, None).mask(golden.picture())
    assert mask.shape == (golden.HEIGHT, golden.WIDTH)
    assert mask.dtype == np.bool_
    assert 0 < mask.mean() < 1


@pytest.mark.parametrize("fault", ["no file of this kind", "too few convolutions", "another shape"])
def test_another_file_is_refused(fault, nodes, tmp_path):
    path = tmp_path / "u2net.onnx"
    if fault == "no file of this kind":
        path.write_bytes(b"no ONNX file")
    elif fault == "too few convolutions":
        _write(path, nodes[-8:])
    else:
        name, weight, bias = nodes[0]
        _write(path, [(name, weight[:, :1], bias), *nodes[1:]])
    with pytest.raises(Problem) as caught:
        load_u2net(path, "cpu")
    assert caught.value.code is Code.WEIGHTS_MISSING
    assert "u2net.onnx" in caught.value.detail
