"""The parts: variable names, batch norm, the pyramid that is never enlarged, resizing."""

import json
from functools import partial

import numpy as np
import pytest
import tensorflow as tf
from parse_golden import FIXTURES

from vf_parse.reference.convolutions import PyramidConvolution, norm_scale_shift, normed
from vf_parse.reference.layers import PYRAMID_CELLS, variable_shapes
from vf_parse.reference.options import Sampling
from vf_parse.reference.sampling import resize
from vf_testing.detweights import tf_variables


def test_variables_are_the_published_ones():
    published = {name: tuple(shape) for name, shape in json.loads((FIXTURES / "variables.json").read_text()).items()}
    assert len(published) == 626
    assert variable_shapes() == published


def test_batch_norm_is_that_of_slim(monkeypatch):
    """tf-slim's own layer, so that leaving tf-slim out at run time stays justified.

    ``updates_collections`` matters in training only; with its default slim calls Keras 2, a package of its own by now.
    """
    from tensorflow.python.framework import ops  # noqa: PLC0415  slim 1.1.0 looks for the class where TensorFlow had it

    monkeypatch.setattr(ops, "Tensor", tf.Tensor, raising=False)
    import tf_slim  # noqa: PLC0415

    channels = 16
    norm = {f"bn_conv1/{name}": (channels,) for name in ("beta", "gamma", "moving_mean", "moving_variance")}
    variables = tf_variables({"conv1/weights": (3, 3, 8, channels)} | norm)
    x = np.random.RandomState(1).randn(2, 9, 7, channels).astype(np.float32)
    picture = np.random.RandomState(2).randn(1, 9, 7, 8).astype(np.float32)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        layer = partial(tf_slim.batch_norm, scale=True, is_training=False, scope="bn_conv1", updates_collections=None)
        normal = layer(x)
        convolved = tf.nn.conv2d(picture, variables["conv1/weights"], 1, "SAME")
        both = layer(convolved, reuse=True, activation_fn=tf.nn.relu)
        made = {variable.op.name: variable for variable in tf.compat.v1.global_variables()}
        assert made.keys() == norm.keys()
        for name, variable in made.items():
            variable.load(variables[name], session)
        slim, slim_folded = session.run([normal, both])

    scale, shift = norm_scale_shift(variables, "bn_conv1")
    np.testing.assert_allclose(x * scale + shift, slim, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(normed(variables, "conv1")(picture), slim_folded, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("sampling", list(Sampling))
@pytest.mark.parametrize("size", [(128, 96), (61, 30), (13, 10), (4, 3), (1, 1)], ids=str)
def test_pyramid_convolution_is_the_plain_one(sampling, size):
    """Against pooling, enlarging, joining and convolving, one after the other."""
    inputs, outputs = 5, 7
    shapes = {f"pp{level}/weights": (3, 3, inputs, 512) for level in range(1, 5)}
    shapes |= {f"pp{level}/biases": (512,) for level in range(1, 5)}
    shapes |= {"conv/weights": (3, 3, inputs + 4 * 512, outputs), "conv/biases": (outputs,)}
    variables = tf_variables(shapes)
    x = tf.constant(np.random.RandomState(3).randn(2, *size, inputs).astype(np.float32))

    parts = [x]
    for level, cell in enumerate(PYRAMID_CELLS, 1):
        cells = tf.nn.conv2d(tf.nn.avg_pool2d(x, cell, cell, "SAME"), variables[f"pp{level}/weights"], 1, "SAME")
        parts.append(resize(tf.nn.relu(cells + variables[f"pp{level}/biases"]), size, sampling))
    plain = tf.nn.conv2d(tf.concat(parts, 3), variables["conv/weights"], 1, "SAME") + variables["conv/biases"]

    mine = PyramidConvolution(variables, "pp", "conv", sampling)(x)
    np.testing.assert_allclose(mine, tf.nn.relu(plain), rtol=1e-4, atol=1e-4)


def test_resizing_is_tensorflows_own():
    x = tf.constant(np.random.RandomState(4).randn(1, 11, 7, 3).astype(np.float32))
    for size in ((5, 3), (23, 19), (11, 7)):
        first = tf.compat.v1.image.resize_bilinear(x, size)
        np.testing.assert_array_equal(resize(x, size, Sampling.TF1), first)
        np.testing.assert_array_equal(resize(x, size, Sampling.UPGRADED), tf.image.resize(x, size))
