import numpy as np
import pytest

from vf_synthetic import listing
from vf_synthetic.listing import Kind, Landmark, Part, Photo, View

SEEDS = range(60)


@pytest.fixture(scope="module")
def samples():
    return [listing.sample(seed, size=(144, 192)) for seed in SEEDS]


def test_a_seed_gives_the_same_sample_and_another_seed_another():
    one, same, other = (listing.sample(seed, size=(144, 192)) for seed in (5, 5, 6))
    assert np.array_equal(one.picture, same.picture)
    assert np.array_equal(one.parts, same.parts)
    assert np.array_equal(one.landmarks, same.landmarks)
    assert not np.array_equal(one.picture, other.picture)


def test_samples_have_the_shapes_they_promise(samples):
    for sample in samples:
        assert sample.picture.shape == (192, 144, 3)
        assert sample.picture.dtype == np.uint8
        assert sample.parts.shape == (192, 144)
        assert sample.parts.dtype == np.uint8
        assert sample.landmarks.shape == (20, 3)
        assert sample.landmarks.dtype == np.float32
        assert sample.parts.max() <= max(Part)
        assert set(np.unique(sample.landmarks[:, 2])) <= {0, 1, 2}


def test_every_kind_photo_and_view_occurs(samples):
    assert {s.kind for s in samples} == set(Kind)
    assert {s.photo for s in samples} == set(Photo)
    assert {s.view for s in samples} == set(View)
    assert set(np.unique(np.stack([s.parts for s in samples]))) == set(Part)
