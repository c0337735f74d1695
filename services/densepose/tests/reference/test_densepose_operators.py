"""ROIAlign, suppression and charts alone, against what was recorded of the published program."""

import densepose_golden as golden
import numpy as np
import pytest
import torch

from vf_densepose.reference.boxes import suppress
from vf_densepose.reference.densepose_head import Charts
from vf_densepose.reference.roi_align import roi_align
from vf_densepose.reference.surface import BodySurface, Window, paint_iuv, read_charts, to_picture, window_of
from vf_densepose.visualiser import PlacedLabels, paint

OPS = golden.recorded("ops")
CHART = golden.recorded("chart")
SEED = 0


@pytest.mark.parametrize("size,step", [(7, 1), (28, 4)])
@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_roi_align(size, step, order):
    features = np.random.RandomState(SEED).standard_normal((1, 4, 20, 30)).astype(np.float32)
    rois = torch.from_numpy(OPS["rois"])
    table = torch.from_numpy(features).contiguous(memory_format=order)
    pooled = roi_align(table, rois[:, 1:], rois[:, 0].long(), size, 0.25)
    assert np.abs(pooled.numpy()[:, :, ::step, ::step] - OPS[f"roialign_v1_{size}"]).max() <= 1e-5


def test_roi_align_reads_its_own_picture():
    features = torch.rand(3, 2, 10, 12, generator=torch.Generator().manual_seed(0))
    boxes = torch.tensor([[1.0, 2.0, 30.0, 25.0]] * 3)
    together = roi_align(features, boxes, torch.tensor([2, 0, 1]), 7, 0.25)
    alone = [roi_align(features[i : i + 1], boxes[:1], torch.tensor([0]), 7, 0.25) for i in (2, 0, 1)]
    assert torch.allclose(together, torch.cat(alone), atol=1e-6)
    assert roi_align(features, boxes[:0], torch.zeros(0, dtype=torch.long), 7, 0.25).shape == (0, 2, 7, 7)


@pytest.mark.parametrize("prefix,percent", [("nms", 5), ("nms", 7), ("nms2", 7)])
def test_suppression(prefix, percent):
    boxes, scores, levels = (torch.from_numpy(OPS[f"{prefix}_{part}"]) for part in ("boxes", "scores", "levels"))
    assert (suppress(boxes, scores, levels, percent / 10).numpy() == OPS[f"{prefix}_keep_{percent}"]).all()


def test_suppression_of_nothing_and_of_points():
    none = torch.zeros(0, 4)
    assert len(suppress(none, torch.zeros(0), torch.zeros(0, dtype=torch.long), 0.5)) == 0
    points = torch.tensor([[3.0, 3.0, 3.0, 3.0]] * 2)
    assert suppress(points, torch.tensor([0.1, 0.9]), torch.zeros(2, dtype=torch.long), 0.5).tolist() == [1, 0]


def made_up_charts():
    random = np.random.RandomState(SEED)

    def blocks(channels):
        return np.kron(random.standard_normal((1, channels, 14, 14)), np.ones((1, 1, 8, 8))).astype(np.float32)

    coarse, fine = torch.from_numpy(blocks(2)), torch.from_numpy(blocks(25))
    return Charts(coarse, fine)


def test_charts_to_labels_and_picture():
    charts, people = made_up_charts(), []
    for index, box in enumerate(torch.from_numpy(CHART["boxes_xyxy"])):
        person = read_charts(charts, 0, window_of(box))
        assert person.uv is None
        assert (person.labels == CHART[f"labels_{index}"]).all()
        people.append(person)
    assert people[2].window.width == 0, "0.6 wide: one column of labels, nothing painted"
    shown = [PlacedLabels(p.labels, p.window.x, p.window.y) for p in people if p.window.width and p.window.height]
    assert (paint(shown, (320, 256)) == CHART["picture_rgb"]).all()


def test_coordinates_are_those_of_the_part():
    charts = made_up_charts()
    u = torch.arange(25.0).view(1, 25, 1, 1).expand(1, 25, 112, 112) / 100
    charts = Charts(charts.coarse, charts.fine, u, 0.5 - u)
    person = read_charts(charts, 0, Window(3, 2, 60, 40))
    assert np.allclose(person.uv[0], person.labels / 100, atol=1e-6)
    assert np.allclose(person.uv[1], np.where(person.labels > 0, 0.5 - person.labels / 100, 0), atol=1e-6)


def test_iuv_picture():
    labels = np.array([[0, 5], [24, 1]], np.uint8)
    uv = np.array([[[0.0, 0.5], [2.0, -1.0]], [[0.0, 0.999], [1.0, 0.25]]], np.float32)
    below = BodySurface(Window(0, 0, 2, 2), np.full((2, 2), 9, np.uint8), np.ones((2, 2, 2), np.float32))
    person = BodySurface(Window(1, 1, 2, 2), labels, uv)
    picture = paint_iuv([below, person], (4, 3))
    assert picture[1, 1].tolist() == [9, 255, 255], "no part there: the person below stays"
    assert picture[1, 2].tolist() == [5, 127, 254]
    assert picture[2, 1].tolist() == [24, 255, 255]
    assert picture[2, 2].tolist() == [1, 0, 63]
    assert not picture[0, 3].any()


def test_boxes_back_in_the_picture():
    boxes = torch.tensor([[10.0, 20.0, 90.0, 300.0], [120.0, 5.0, 130.0, 9.0]])
    scaled, inside = to_picture(boxes, (200, 100), (100, 50))
    assert scaled.tolist() == [[5.0, 10.0, 45.0, 100.0], [50.0, 2.5, 50.0, 4.5]]
    assert inside.tolist() == [True, False]
