"""The network against numbers recorded from the published program."""

from functools import cache

import densepose_golden as golden
import numpy as np
import pytest
import torch

from vf_densepose.reference import box_head, densepose_head, picture, surface
from vf_densepose.reference.network import Limits
from vf_densepose.reference.proposals import anchors_at

PYRAMID = ("p2", "p3", "p4", "p5", "p6")
FEATURE_LIMIT = 1e-3
LOGIT_LIMIT = 5e-3
PIXEL_LIMIT = 0.05
SCORE_LIMIT = 1e-4
LIMITS = Limits(score=0.8, people=golden.LIMIT)


class Run:
    """One recorded picture through our network, stage by stage."""

    def __init__(self, net, name):
        case = golden.CASES["cases"][name]
        self.name, self.recorded = name, golden.recorded(name)
        self.picture = np.ascontiguousarray(golden.picture_of(case)[..., ::-1])
        self.resized = picture.resize(self.picture, case["min_size"], case["max_size"])
        self.frame = self.resized.shape[:2]
        self.input = picture.net_input([self.resized])
        self.stages = net.backbone.bottom_up(self.input)
        self.features = net.backbone.pyramid(self.stages)
        self.proposals = net.proposal_generator(self.features, *self.frame)[0]
        heads = net.roi_heads
        hidden = heads.box_head(box_head.pool(self.features, self.proposals.boxes, 0))
        self.logits, self.deltas = heads.box_predictor(hidden)
        self.detections = box_head.detect(
            self.proposals.boxes, self.logits, self.deltas, self.frame, LIMITS.score, LIMITS.people
        )
        self.decoded = heads.decoder(self.features)

    def assert_near(self, quantity, value, limit):
        ours, theirs = golden.strided(self.name, quantity, value), self.recorded[quantity]
        assert ours.shape == theirs.shape, quantity
        assert np.abs(ours - theirs).max() <= limit, quantity


@pytest.fixture(autouse=True)
def without_gradients():
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module")
def run_of(net):
    return cache(lambda name: Run(net, name))


@pytest.fixture(params=golden.RUNS)
def run(request, run_of):
    return run_of(request.param)


@pytest.fixture
def small(run_of):
    return run_of("noise256")


def test_resized_shapes():
    for height, width, new_height, new_width in golden.CASES["resize_shapes_800_1333"]:
        assert picture.resized_shape(height, width, 800, 1333) == (new_height, new_width)
    assert picture.resized_shape(12000, 1, 800, 1333) == (1333, 1)


def test_input_is_equal(run):
    assert (golden.strided(run.name, "resized", run.resized[..., ::-1]) == run.recorded["resized"]).all()
    run.assert_near("input", run.input, 0)


def test_pyramid_and_decoder(run):
    for level in PYRAMID:
        run.assert_near(level, run.features[level], FEATURE_LIMIT)
    run.assert_near("decoder", run.decoded, FEATURE_LIMIT)


def test_stages(small):
    for stage in ("res2", "res3", "res4", "res5"):
        small.assert_near(stage, small.stages[stage], FEATURE_LIMIT)


def test_anchors_and_region_outputs(small, net):
    for number, level in enumerate(PYRAMID):
        logits, deltas = net.proposal_generator.rpn_head(small.features[level])
        small.assert_near(f"obj_{number}", logits, FEATURE_LIMIT)
        small.assert_near(f"dlt_{number}", deltas, FEATURE_LIMIT)
        ends = torch.arange(logits.numel())[[*range(6), *range(-6, 0)]]
        anchors = anchors_at(level, ends, logits.shape[3])
        assert np.abs(anchors.numpy() - small.recorded[f"anchors_{number}"]).max() <= 1e-4


def nearest(ours, theirs):
    """For each recorded row the nearest of ours, and how far it is."""
    apart = np.abs(ours[None] - theirs[:, None]).max(-1)
    partner = apart.argmin(1)
    return partner, apart[np.arange(len(theirs)), partner]


def test_proposals_and_box_outputs(run):
    theirs = np.concatenate([run.recorded["prop_boxes"], run.recorded["prop_logits"][:, None]], 1)
    ours = np.concatenate([run.proposals.boxes.numpy(), run.proposals.logits.numpy()[:, None]], 1)
    assert ours.shape == theirs.shape
    partner, apart = nearest(ours, theirs)
    near = apart <= PIXEL_LIMIT
    assert near.mean() >= 0.99
    for quantity, value in (("cls", run.logits), ("bbox", run.deltas)):
        # A box just beside another one's cell border reads other pixels: those few are not compared.
        differences = np.abs(value.numpy()[partner] - run.recorded[quantity]).max(1)[apart <= 1e-3]
        assert np.quantile(differences, 0.99) <= FEATURE_LIMIT, quantity


def test_detections(run):
    assert np.abs(run.detections.boxes.numpy() - run.recorded["det_boxes"]).max() <= PIXEL_LIMIT
    assert np.abs(run.detections.scores.numpy() - run.recorded["det_scores"]).max() <= SCORE_LIMIT


def test_people_in_the_picture(run, net):
    charts = net.roi_heads.charts(run.features, [run.detections.boxes], surface=False)
    boxes, inside = surface.to_picture(run.detections.boxes, run.frame, run.picture.shape[:2])
    assert inside.all()
    assert np.abs(boxes.numpy() - run.recorded["final_boxes"]).max() <= PIXEL_LIMIT
    for index, box in enumerate(boxes):
        labels = surface.read_charts(charts, index, surface.window_of(box)).labels
        recorded = run.recorded[f"final_labels_{index}"]
        assert labels.shape == recorded.shape
        assert (labels != recorded).mean() <= 0.005


def test_box_head(small, net):
    pooled = box_head.pool(small.features, torch.from_numpy(small.recorded["prop_boxes"][:64]), 0)
    small.assert_near("box_pool", pooled, FEATURE_LIMIT)
    small.assert_near("box_fc", net.roi_heads.box_head(pooled), FEATURE_LIMIT)


def test_densepose_head_and_labels(small, net):
    boxes = torch.from_numpy(small.recorded["given_boxes"])
    pooled = densepose_head.pool(small.decoded, boxes, torch.zeros(len(boxes), dtype=torch.long))
    small.assert_near("dp_pool", pooled, FEATURE_LIMIT)
    head = net.roi_heads.densepose_head(pooled)
    small.assert_near("dp_head", head, LOGIT_LIMIT)
    charts = net.roi_heads.densepose_predictor(head, surface=True)
    for quantity in ("coarse", "fine", "u", "v"):
        small.assert_near(quantity, getattr(charts, quantity), LOGIT_LIMIT)
    for index, box in enumerate(boxes):
        person = surface.read_charts(charts, index, surface.window_of(box))
        recorded = small.recorded[f"given_labels_{index}"]
        assert person.labels.shape == recorded.shape
        assert (person.labels != recorded).mean() <= 0.001


def test_surface_is_left_out_unless_asked_for(small, net):
    charts = net.roi_heads.charts(small.features, [small.detections.boxes], surface=False)
    assert charts.u is None and charts.v is None
    asked = net.roi_heads.charts(small.features, [small.detections.boxes], surface=True)
    assert torch.equal(asked.fine, charts.fine) and asked.u is not None and asked.v is not None


def test_pictures_together_are_as_alone(small, net):
    other = picture.net_input([np.ascontiguousarray(small.resized[::-1])])
    alone = [net(pictures, small.frame, LIMITS) for pictures in (other, small.input)]
    detections, charts = net(torch.cat([other, small.input]), small.frame, LIMITS)
    fine = torch.cat([charts_alone.fine for _, charts_alone in alone])
    for together, (expected, _) in zip(detections, alone, strict=True):
        assert np.allclose(together.boxes, expected[0].boxes, atol=PIXEL_LIMIT)
    assert charts.fine.shape == fine.shape
    assert (charts.fine.argmax(1) != fine.argmax(1)).float().mean() <= 0.001


def test_nobody_gives_no_charts(small, net):
    detections, charts = net(small.input, small.frame, Limits(score=1.0))
    assert len(detections[0].boxes) == 0 and charts is None
