"""The clothmask service as its callers meet it, with U-2-Net's real weights where they are present."""

import io
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from vf_clothmask.app import create_app
from vf_clothmask.open.backdrop import find_on_backdrop
from vf_clothmask.open.engine import WEIGHTS_FILE, WEIGHTS_SHA256, OpenEngine, combine, is_beyond_doubt
from vf_clothmask.open.judge import Evidence, judge
from vf_clothmask.types import MaskRequest
from vfkit.pictures import encode_png
from vfkit.problems import Code, Problem

WEIGHTS = Path(os.environ.get("VF_WEIGHTS", Path(__file__).parents[3] / "weights"))
needs_weights = pytest.mark.skipif(not (WEIGHTS / WEIGHTS_FILE).is_file(), reason=f"needs {WEIGHTS_FILE}")
SIZE = (1024, 768)


def shirt(scale=1.0):
    """(H, W) bool: a T-shirt's silhouette."""
    outline = np.array(
        [(310, 150), (220, 190), (90, 340), (160, 400), (225, 350), (215, 850), (552, 850), (542, 350), (607, 400),
         (677, 340), (547, 190), (457, 150)], np.float32,
    )  # fmt: skip
    mask = np.zeros(SIZE, np.uint8)
    cv2.fillPoly(mask, [np.round((outline - (384, 512)) * scale + (384, 512)).astype(np.int32)], 1)
    return mask > 0


def photo(mask, cloth=(40, 80, 160), backdrop=(240, 240, 238), noise=0.0):
    """A picture of the mask, its edge softened and compressed as a shop's JPEG."""
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)[..., None]
    picture = soft * np.array(cloth, np.float32) + (1 - soft) * np.asarray(backdrop, np.float32)
    picture += np.random.default_rng(1).normal(0, noise, picture.shape)
    data = io.BytesIO()
    Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(data, "JPEG", quality=92)
    return np.array(Image.open(data))


def sample(name):
    return np.array(Image.open(Path(__file__).parents[3] / f"samples/{name}.jpg").convert("RGB"))


def overlap(a, b):
    return (a & b).sum() / (a | b).sum()


class TestBackdrop:
    @pytest.mark.parametrize(
        ("cloth", "backdrop", "noise"),
        [
            ((40, 80, 160), (240, 240, 238), 0),
            ((20, 20, 24), (255, 255, 255), 2),
            ((200, 190, 180), (235, 222, 216), 1),
            ((250, 250, 250), (240, 240, 240), 0),  # white on white
            ((250, 250, 250), (120, 130, 140), 1),
        ],
    )
    def test_finds_the_garment(self, cloth, backdrop, noise):
        found = find_on_backdrop(photo(shirt(), cloth, backdrop, noise))
        assert overlap(found.foreground, shirt()) > 0.97

    def test_light_fall_off_is_backdrop(self):
        light = np.linspace(1.0, 0.85, SIZE[0])[:, None, None] * np.linspace(0.95, 1.0, SIZE[1])[None, :, None]
        found = find_on_backdrop(photo(shirt(), backdrop=light * (240, 238, 236)))
        assert overlap(found.foreground, shirt()) > 0.97
        assert is_beyond_doubt(found)

    def test_a_shadow_is_shed(self):
        blurred = cv2.GaussianBlur(np.roll(shirt(), (8, 8), (0, 1)).astype(np.float32), (0, 0), 6)[..., None]
        found = find_on_backdrop(photo(shirt(), backdrop=(240, 240, 240) - 30 * blurred))
        assert overlap(found.foreground, shirt()) > 0.96

    def test_thin_straps_stay(self):
        mask = np.zeros(SIZE, bool)
        mask[400:900, 250:520] = True
        mask[150:400, 290:295] = mask[150:400, 475:480] = True
        found = find_on_backdrop(photo(mask))
        assert found.foreground[160:390, 292].all()

    def test_a_gap_between_sleeve_and_torso_is_reported(self):
        mask = shirt()
        gap = np.zeros_like(mask)
        gap[420:600, 240:262] = True
        found = find_on_backdrop(photo(mask & ~gap))
        assert any(overlap(region, gap) > 0.6 for region in found.enclosed)
        assert not is_beyond_doubt(found)

    def test_a_busy_border_is_no_backdrop(self):
        noise = np.random.default_rng(3).integers(0, 255, (*SIZE, 3), dtype=np.uint8)
        assert find_on_backdrop(noise) is None


class TestCombine:
    def test_unet_tells_holes_from_prints(self):
        mask = shirt()
        gap, emblem = np.zeros_like(mask), np.zeros_like(mask)
        gap[420:600, 225:262] = True
        emblem[450:600, 330:450] = True
        image = photo(mask & ~gap & ~emblem)
        probability = cv2.GaussianBlur((mask & ~gap).astype(np.float32), (0, 0), 4)
        found = combine(image, find_on_backdrop(image), probability).mask
        assert found[450:590, 340:440].all()
        assert not found[440:580, 240:250].any()

    def test_a_print_that_unet_mistakes_for_the_whole_does_not_shrink_the_mask(self):
        image = photo(shirt(), cloth=(250, 250, 250), backdrop=(240, 240, 240))
        image[400:600, 320:450] = (200, 30, 30)
        probability = np.zeros(SIZE, np.float32)
        probability[400:600, 320:450] = 1
        evidence = combine(image, find_on_backdrop(image), probability)
        assert overlap(evidence.mask, shirt()) > 0.95
        assert [warning.code for warning in judge(evidence)] == ["low_confidence"]


class TestJudge:
    def code(self, mask, probability=None):
        verdict = judge(Evidence(mask, 1.0, probability))
        return verdict.code if isinstance(verdict, Problem) else [warning.code for warning in verdict]

    def test_a_shirt_passes(self):
        assert self.code(shirt()) == []

    def test_nothing_and_everything_are_no_garment(self):
        assert self.code(np.zeros(SIZE, bool)) is Code.NO_GARMENT_FOUND
        assert self.code(np.ones(SIZE, bool)) is Code.NO_GARMENT_FOUND

    def test_a_landscape_is_no_garment(self):
        land = np.zeros(SIZE, bool)
        land[400:] = True
        assert self.code(land) is Code.NO_GARMENT_FOUND

    def test_an_undecided_network_is_no_garment(self):
        assert self.code(shirt(), np.full(SIZE, 0.5, np.float32)) is Code.NO_GARMENT_FOUND

    def test_a_small_garment_is_doubtful(self):
        assert self.code(shirt(0.3)) == ["low_confidence"]


def test_missing_weights_are_told(tmp_path):
    with pytest.raises(Problem) as caught:
        OpenEngine(tmp_path).load()
    assert caught.value.code is Code.WEIGHTS_MISSING


@needs_weights
def test_missing_weights_of_the_person_finder_are_told(tmp_path):
    (tmp_path / "clothmask").mkdir()
    (tmp_path / WEIGHTS_FILE).symlink_to(WEIGHTS / WEIGHTS_FILE)
    with pytest.raises(Problem) as caught:
        OpenEngine(tmp_path).load()
    assert caught.value.code is Code.WEIGHTS_MISSING
    assert "blazepose" in caught.value.detail


def test_damaged_weights_are_told(tmp_path):
    (tmp_path / "clothmask").mkdir()
    (tmp_path / WEIGHTS_FILE).write_bytes(b"no network")
    with pytest.raises(Problem) as caught:
        OpenEngine(tmp_path).load()
    assert caught.value.code is Code.WEIGHTS_MISSING


@pytest.fixture(scope="module")
def engine():
    engine = OpenEngine(WEIGHTS)
    engine.load()
    return engine


@needs_weights
class TestWithWeights:
    def test_info_names_the_weights(self, engine):
        used = engine.info.weights
        assert [weights.file for weights in used] == [
            WEIGHTS_FILE, "blazepose/pose_detection.tflite", "blazepose/pose_landmark_full.tflite"
        ]  # fmt: skip
        assert used[0].sha256 == WEIGHTS_SHA256
        assert all(weights.known and weights.licence == "Apache-2.0" for weights in used)

    @pytest.mark.parametrize("rows", [slice(None), slice(0, 560)], ids=["whole", "half"])
    @pytest.mark.parametrize("person", ["person", "person2", "person3"])
    def test_a_photo_of_somebody_is_no_garment(self, engine, person, rows):
        (answer,) = engine.predict([MaskRequest(np.ascontiguousarray(sample(person)[rows]))])
        assert isinstance(answer, Problem)
        assert answer.code is Code.UNSUPPORTED_GARMENT
        assert "alone" in answer.detail

    @pytest.mark.parametrize("garment", ["tshirt", "longsleeve", "tank", "trousers"])
    def test_a_garment_alone_is_masked(self, engine, garment):
        (answer,) = engine.predict([MaskRequest(sample(garment))])
        assert 0.05 < (answer.mask > 0).mean() < 0.6

    def test_unet_finds_a_shirt_on_a_busy_backdrop(self, engine):
        y, x = np.mgrid[: SIZE[0], : SIZE[1]]
        stripes = np.stack([170 + 40 * np.sin(x / 9), 150 + 30 * np.sin(y / 23), 120 + 30 * np.sin((x + y) / 31)], 2)
        image = photo(shirt(), cloth=(30, 40, 160), backdrop=stripes)
        assert find_on_backdrop(image) is None
        (answer,) = engine.predict([MaskRequest(image)])
        assert overlap(answer.mask > 0, shirt()) > 0.9

    def test_noise_is_no_garment(self, engine):
        noise = np.random.default_rng(3).integers(0, 255, (*SIZE, 3), dtype=np.uint8)
        (answer,) = engine.predict([MaskRequest(noise)])
        assert isinstance(answer, Problem)
        assert answer.code is Code.NO_GARMENT_FOUND

    def test_one_bad_picture_does_not_spoil_its_neighbour(self, engine):
        empty = np.full((*SIZE, 3), 240, np.uint8)
        bad, good = engine.predict([MaskRequest(empty), MaskRequest(photo(shirt()))])
        assert isinstance(bad, Problem)
        assert overlap(good.mask > 0, shirt()) > 0.97


@pytest.fixture(scope="module")
def client():
    os.environ.setdefault("VF_WEIGHTS", str(WEIGHTS))
    with TestClient(create_app()) as client:
        while client.get("/readyz").status_code != 200:
            pass
        yield client


@needs_weights
class TestHttp:
    def test_answers_a_mask_of_the_same_size(self, client):
        image = cv2.resize(photo(shirt()), (600, 800), interpolation=cv2.INTER_AREA)
        response = client.post("/v1/cloth-mask", files={"image": encode_png(image)})
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == "image/png"
        mask = np.array(Image.open(io.BytesIO(response.content)))
        assert mask.shape == (800, 600)
        assert set(np.unique(mask)) == {0, 255}

    @pytest.mark.parametrize("backdrop", [0, 255], ids=["black", "white"])
    def test_the_transparency_of_a_cutout_is_its_mask(self, client, backdrop):
        """White cloth, of which nothing can be seen once it lies on white."""
        alpha = cv2.GaussianBlur(shirt().astype(np.float32), (0, 0), 1.0) * 255
        image = np.where(shirt()[..., None], 255, backdrop) * np.ones(3)
        response = client.post(
            "/v1/cloth-mask", files={"image": encode_png(np.dstack([image, alpha]).astype(np.uint8))}
        )
        assert response.status_code == 200, response.text
        mask = np.array(Image.open(io.BytesIO(response.content)))
        assert np.array_equal(mask > 0, alpha >= 128)

    def test_a_photo_on_a_transparent_canvas_is_no_cutout(self, client):
        alpha = np.zeros(SIZE, np.uint8)
        alpha[60:964, 10:758] = 255
        response = client.post("/v1/cloth-mask", files={"image": encode_png(np.dstack([photo(shirt()), alpha]))})
        mask = np.array(Image.open(io.BytesIO(response.content)))
        assert overlap(mask > 0, shirt()) > 0.9

    def test_warnings_travel_in_the_header(self, client):
        response = client.post("/v1/cloth-mask", files={"image": encode_png(photo(shirt(0.3)))})
        assert response.status_code == 200, response.text
        assert [warning["code"] for warning in json.loads(response.headers["VF-Warnings"])] == ["low_confidence"]

    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (b"this is text", 415, "unsupported_image"),
            (b"", 415, "unsupported_image"),
            (encode_png(np.full((*SIZE, 3), 250, np.uint8)), 422, "no_garment_found"),
        ],
    )
    def test_bad_input_has_its_code(self, client, content, status, code):
        response = client.post("/v1/cloth-mask", files={"image": content})
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert response.headers["content-type"] == "application/problem+json"

    def test_a_request_without_a_picture_is_refused(self, client):
        response = client.post("/v1/cloth-mask")
        assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
