"""Both networks and the whole path against what the published program recorded; tolerances are the recording's."""

import hrviton_golden as golden
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from vf_hrviton.reference.layers import blur
from vf_hrviton.reference.noise import NamedNoise, no_noise
from vf_hrviton.reference.patterns import find_patterns, modulate, moments, tabulate
from vf_hrviton.reference.try_on import (
    GROUP_7_OF_13,
    Inputs,
    image_arrays,
    mask_tensor,
    parse_tensor,
    picture_tensor,
    try_on,
)
from vf_testing import golden_inputs

ABSOLUTE = 1e-3
FLIPPED = 1e-4
TIE = 2e-6
"""Two labels nearer than this, of values around 1: which one is larger depends on the processor's order of summing."""
TIE_REACH = 8
"""Pixels around such a place in which the generator's picture follows the label that was taken."""
NOISES = {"off": no_noise, "named": NamedNoise()}
RUNS = {
    "e2e_512x384_seed0": ((512, 384), no_noise),
    "e2e_512x384_seed0_noise": ((512, 384), NamedNoise()),
    "e2e_1024x768_seed0": ((1024, 768), no_noise),
}


@pytest.mark.parametrize("noise", list(NOISES))
def test_image_generator(networks, noise):
    run = golden.recorded(f"gen_256x128_seed0_w0_noise_{noise}")
    pictures = [golden_inputs.picture(60_000 + i, 256, 128) for i in range(3)]
    x = np.concatenate(pictures, 2).astype(np.float32) / 127.5 - 1
    labels = (golden_inputs.picture(61_000, 256, 128)[..., 0] // 16) % 7
    np.testing.assert_array_equal(labels, run["parse_index"])
    outputs = {}
    generator = networks[1]
    names = [key.removesuffix("_corner") for key in run if key.endswith("_corner")]
    hooks = [
        getattr(generator, name).register_forward_hook(
            lambda _, __, out, name=name: outputs.__setitem__(name, out[0].numpy().copy())
        )
        for name in names
    ]
    with torch.inference_mode():
        out = generator(
            torch.from_numpy(x.transpose(2, 0, 1)[None]), torch.from_numpy(labels[None].astype(np.int64)), NOISES[noise]
        )
    for hook in hooks:
        hook.remove()
    np.testing.assert_allclose(out[0].numpy()[:, ::2, ::2], run["gen_out_s2"], rtol=0, atol=ABSOLUTE)
    assert len(names) == 9
    for name in names:
        corner = outputs[name][:8, :4, :4]
        np.testing.assert_allclose(corner, run[f"{name}_corner"], rtol=1e-4, atol=ABSOLUTE)


@pytest.fixture(scope="module", params=list(RUNS))
def recording_and_outputs(request, networks):
    size, noise = RUNS[request.param]
    pictures = golden.request()
    inputs = Inputs(
        picture_tensor([pictures.agnostic], *size),
        picture_tensor([pictures.densepose], *size),
        picture_tensor([pictures.cloth], *size),
        mask_tensor([pictures.cloth_mask], *size),
        parse_tensor([pictures.parse_agnostic], *size),
    )
    with torch.inference_mode():
        outputs = try_on(*networks, inputs, noise)
    return golden.recorded(request.param), inputs, outputs


def strided(run, name):
    """A recorded array and its stride; strides differ with the size."""
    (key,) = [key for key in run if key.rpartition("_s")[0] == name and key.rpartition("_s")[2].isdigit()]
    return run[key], int(key.rpartition("_s")[2])


def undecided(outputs):
    """(H, W) bool: where the parse hangs on the last bits."""
    groups = torch.tensor(GROUP_7_OF_13)
    each = torch.stack([outputs.blurred[0, groups == group].amax(0) for group in range(7)])
    first, second = each.topk(2, 0).values
    tied = (first - second < TIE).float()[None, None]
    return F.max_pool2d(tied, 2 * TIE_REACH + 1, 1, TIE_REACH)[0, 0].numpy() > 0


def test_whole_path(recording_and_outputs):
    run, inputs, outputs = recording_and_outputs
    tensors = {
        "segmap_raw": outputs.condition.segmentation,
        "warped_cloth_lo": outputs.condition.warped_cloth,
        "warped_mask_lo": outputs.condition.warped_mask,
        "segmap_gated": None,
        "gauss_out": outputs.blurred,
        "warped_mask_before": outputs.warped_mask_before,
        "warped_mask_after": outputs.warped_mask,
        "gen_agnostic": inputs.agnostic,
        "gen_densepose": inputs.densepose,
        "gen_warped_cloth": outputs.warped_cloth,
        "gen_out": outputs.image,
    }
    size = tuple(inputs.cloth.shape[2:])
    tensors["segmap_gated"] = F.interpolate(outputs.gated, size=size, mode="bilinear", align_corners=False)
    compared = 0
    for name, ours in tensors.items():
        if any(key.rpartition("_s")[0] == name for key in run):
            expected, stride = strided(run, name)
            found = ours[0].numpy()[:, ::stride, ::stride]
            if name == "gen_out":
                left_out = undecided(outputs)[::stride, ::stride]
                assert left_out.mean() <= 1e-3
                found = np.where(left_out, expected, found)
            np.testing.assert_allclose(found, expected, rtol=0, atol=ABSOLUTE, err_msg=name)
            compared += 1
    assert compared >= 9
    flows = [flow[0].numpy() for flow in outputs.condition.flows]
    for level in range(4):
        np.testing.assert_allclose(flows[level], run[f"flow{level}"], rtol=0, atol=ABSOLUTE)
    np.testing.assert_allclose(flows[4][::2, ::2], run["flow4_s2"], rtol=0, atol=ABSOLUTE)
    labels, stride = strided(run, "parse7")
    flipped = outputs.labels[0].numpy()[::stride, ::stride] != labels
    assert flipped.mean() <= FLIPPED
    picture, stride = strided(run, "image_u8")
    difference = np.abs(image_arrays(outputs.image)[0][::stride, ::stride].astype(int) - picture)
    assert difference[~undecided(outputs)[::stride, ::stride]].max() <= 1 or flipped.any()


def test_table_is_the_convolutions():
    """Random labels, where nearly every pixel has its own neighbourhood."""
    torch.manual_seed(0)
    hidden, gamma, beta = (torch.nn.Conv2d(a, b, 3, padding=1) for a, b in ((7, 128), (128, 24), (128, 24)))
    labels, x = torch.randint(0, 7, (2, 20, 12)), 3 + torch.randn(2, 24, 20, 12)
    x = x.contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        activation = F.relu(hidden(F.one_hot(labels, 7).permute(0, 3, 1, 2).float()))
        expected = F.leaky_relu(F.instance_norm(x) * (1 + gamma(activation)) + beta(activation), 0.2)
        patterns = find_patterns(labels)
        mean, variance = moments(x)
        table = tabulate(patterns, hidden, gamma, beta)
        ours = modulate(x, patterns.index, table, mean, torch.sqrt(variance + 1e-5), 0.2)
    torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-5)


def test_blur_is_the_square_kernel():
    x = torch.rand(1, 13, 40, 30)
    offsets = torch.arange(15) - 7
    line = torch.exp(-(offsets**2) / 18.0)
    line = line / line.sum()
    kernel = torch.outer(line, line).expand(13, 1, 15, 15)
    torch.testing.assert_close(blur(x), F.conv2d(x, kernel, padding=7, groups=13), rtol=1e-5, atol=1e-6)
