"""The network and the whole recipe against the recorded outputs of the published one."""

import numpy as np
import pytest
import tensorflow as tf
from parse_golden import FIXTURES, assert_labels, picture, recorded
from PIL import Image as PILImage

from vf_parse.reference.network import Network
from vf_parse.reference.options import SCALES, Sampling
from vf_parse.reference.recipe import MEAN_BGR, Recipe, scaled

CLOSE = 1e-3
"""Absolute; recorded and independent implementations differ by 3e-5 at most."""


@pytest.fixture(scope="module", params=list(Sampling))
def sampling(request) -> Sampling:
    return request.param


@pytest.fixture(scope="module")
def network(variables, sampling) -> Network:
    return Network(variables, sampling)


def single_input() -> tf.Tensor:
    return tf.constant(picture("single")[None, ..., ::-1].astype(np.float32) - np.array(MEAN_BGR, np.float32))


def test_logits_of_one_pass(network, sampling):
    golden = recorded(sampling)
    logits = network(single_input(), with_edge=True)
    pairs = {"parsing_fc": logits.parsing, "parsing_rf_fc": logits.refined, "edge_rf_fc": logits.edge}
    for name, mine in pairs.items():
        np.testing.assert_allclose(mine, golden[f"single/{name}"], rtol=0, atol=CLOSE, err_msg=name)


def test_without_edges_the_labels_stay(network):
    with_edge, without = (network(single_input(), with_edge=wanted) for wanted in (True, False))
    assert without.edge is None
    np.testing.assert_array_equal(with_edge.refined, without.refined)


def test_backbone(variables):
    golden = recorded(Sampling.TF1)
    backbone = Network(variables, Sampling.TF1)._backbone
    for number, end, step in zip((3, 4, 5), backbone(single_input())[1:], (32, 64, 128), strict=True):
        name = {3: "res3b3_relu", 4: "res4b22_relu", 5: "res5c_relu"}[number]
        np.testing.assert_allclose(end[..., ::step], golden[f"single/{name}"], rtol=1e-4, atol=CLOSE, err_msg=name)


def test_whole_recipe(network, sampling):
    golden = recorded(sampling)
    maps = Recipe(network, SCALES, sampling)(picture("full"), with_edge=True)
    assert_labels(maps.labels, golden)
    np.testing.assert_allclose(maps.score, golden["full/score"], rtol=0, atol=CLOSE)
    np.testing.assert_allclose(maps.logits[::4, ::4], golden["full/logits"], rtol=0, atol=CLOSE)
    np.testing.assert_allclose(maps.edge, golden["full/edge"], rtol=0, atol=CLOSE)
    if sampling is Sampling.UPGRADED:  # what the upgraded script itself wrote
        assert np.array_equal(maps.labels, np.asarray(PILImage.open(FIXTURES / "upgraded_parsing.png")))
        written = np.asarray(PILImage.open(FIXTURES / "upgraded_edge.png")).astype(int)
        assert np.abs(np.rint(255 * maps.edge) - written).max() <= 1


def test_the_variants_are_told_apart():
    one, other = recorded("tf1")["full/label"], recorded("upgraded")["full/label"]
    assert np.mean(one != other) > 0.2
    assert len(np.unique(one)) == 20, "left and right are only tested when all classes occur"


def test_edges_of_small_scales_only(network, sampling):
    """Edges are published for scales from 1.0; when none of those is chosen, the chosen ones give them."""
    maps = Recipe(network, (0.5,), sampling)(picture("single"), with_edge=True)
    assert maps.edge.shape == maps.labels.shape
    assert 0 < maps.edge.mean() < 1


def test_scaled_sizes_are_cut():
    assert scaled((101, 77), 0.75) == (75, 57)
    assert scaled((1024, 768), 1.75) == (1792, 1344)
