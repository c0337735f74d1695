"""Every recorded array of the published library."""

import clothmask_golden as golden
import numpy as np
import pytest
import torch
from PIL import Image

from vf_clothmask.reference.checkpoints import load_fba_matting, load_tracer_b7
from vf_clothmask.reference.engine import FBA_FILE, TRACER_FILE
from vf_clothmask.reference.pipeline import Pipeline, matting_method, trimap_generator

NETWORK_TOLERANCE = 1e-5
ALPHA_TOLERANCE = 1e-3
LEAST_ALPHA = 0.3
"""Alpha below it becomes 0, so an alpha within the tolerance of it may go either way."""


@pytest.fixture(scope="module")
def tracer(weights):
    return load_tracer_b7(weights / TRACER_FILE, "cpu", golden.SIZE)


@pytest.fixture(scope="module")
def fba(weights):
    return load_fba_matting(weights / FBA_FILE, "cpu")


@pytest.fixture(scope="module")
def photo():
    return Image.fromarray(golden.picture())


@pytest.fixture(scope="module")
def trimap(case, photo):
    return trimap_generator()(original_image=photo, mask=Image.fromarray(case["soft_mask"]))


def test_state_dicts_are_the_recorded_ones(tracer, fba):
    for network, name in ((tracer, "tracer_b7"), (fba, "fba")):
        assert {key: tuple(value.shape) for key, value in network.state_dict().items()} == golden.shapes(name)


def test_tracer(case, tracer, photo):
    given = tracer.data_preprocessing(photo)
    np.testing.assert_allclose(given[0, :, ::8, ::8], case["tracer_in_s8"], atol=NETWORK_TOLERANCE)
    with torch.inference_mode():
        out = tracer.forward(given)[0, 0].numpy()
    np.testing.assert_allclose(out, case["tracer_out"], atol=NETWORK_TOLERANCE)


def test_tracer_mask(case, tracer, photo):
    (mask,) = tracer([photo])
    difference = np.abs(np.asarray(mask).astype(int) - case["tracer_mask_u8"])
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.001, "one step apart only where a value lies on the step"


def test_trimap(case, trimap):
    np.testing.assert_array_equal(np.asarray(trimap), case["trimap"])


def test_trimap_at_full_size():
    mask = Image.open(golden.FIXTURES / "trimap_seed0_softmask.png")
    expected = np.asarray(Image.open(golden.FIXTURES / "trimap_seed0.png"))
    np.testing.assert_array_equal(np.asarray(trimap_generator()(original_image=mask, mask=mask)), expected)


def test_fba_network(case, fba, photo, trimap):
    (image, normalised), (planes, features) = fba.data_preprocessing(photo), fba.data_preprocessing(trimap)
    np.testing.assert_allclose(features[0, :, ::4, ::4], case["fba_trimap_feat_s4"], atol=NETWORK_TOLERANCE)
    with torch.inference_mode():
        out = fba.forward(image, planes, normalised, features)[0].numpy()
    np.testing.assert_allclose(out[:, ::4, ::4], case["fba_out_s4"], atol=ALPHA_TOLERANCE)
    np.testing.assert_allclose(out[0, ::2, ::2], case["fba_out_alpha_s2"], atol=ALPHA_TOLERANCE)


def test_alpha(case, fba, photo, trimap):
    (alpha,) = fba([photo], [trimap])
    alpha = np.asarray(alpha).astype(int)
    least = round(LEAST_ALPHA * 255)
    near = (np.abs(alpha - least) <= 1) | (np.abs(case["alpha_u8"].astype(int) - least) <= 1)
    difference = np.abs(alpha - case["alpha_u8"])
    assert difference[~near].max() <= 1
    assert near.mean() < 0.02


def test_final_mask(case, fba):
    """Everything after the segmentation, through the engine's own pipeline, on the recorded soft mask."""
    recorded = Pipeline(lambda _: [Image.fromarray(case["soft_mask"])], matting_method(fba, "cpu"))
    with torch.inference_mode():
        mask = recorded.mask(golden.picture())
    expected = np.unpackbits(case["final_mask"])[: mask.size].reshape(mask.shape).astype(bool)
    np.testing.assert_array_equal(mask, expected)
    np.testing.assert_array_equal(expected, case["alpha_u8"] > 0)
