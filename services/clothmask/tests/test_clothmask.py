"""The clothmask service as its callers meet it, with the real weights where they are present."""

import io
import json
import os
import zipfile
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from vf_clothmask.app import create_app
from vf_clothmask.garment.document import fitted_as, kind_warning
from vf_clothmask.garment.frame import photo_frame
from vf_clothmask.garment.reading import Reading, Shares
from vf_clothmask.garment.refusal import refusal
from vf_clothmask.garment.straightening import upright
from vf_clothmask.open.backdrop import find_on_backdrop
from vf_clothmask.open.engine import WEIGHTS_FILE, OpenEngine
from vf_clothmask.open.masking import fuse
from vfkit.contracts import (
    CATEGORIES,
    Category,
    GarmentDocument,
    GarmentKind,
    GarmentLandmark,
    GarmentPart,
    GarmentView,
    PhotoKind,
    Side,
)
from vfkit.pictures import PictureKind, encode_png, normalise
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
        assert found.contrast > 0.95

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

    def test_a_busy_border_is_no_backdrop(self):
        noise = np.random.default_rng(3).integers(0, 255, (*SIZE, 3), dtype=np.uint8)
        assert find_on_backdrop(noise) is None


class TestFuse:
    """The reader's probabilities are drawn here, so that each rule is seen alone."""

    def shares(self, garment, hanger=None):
        """Garment where it is, softened; a hanger where one is; no sleeves."""
        none = np.zeros(SIZE, np.float32)
        seen = cv2.GaussianBlur(garment.astype(np.float32), (0, 0), 4)
        return Shares(seen, none if hanger is None else hanger.astype(np.float32), none)

    def test_the_reader_tells_holes_from_prints(self):
        mask = shirt()
        gap, emblem = np.zeros_like(mask), np.zeros_like(mask)
        gap[420:600, 225:262] = True
        emblem[450:600, 330:450] = True
        image = photo(mask & ~gap & ~emblem)
        found = fuse(image, self.shares(mask & ~gap), find_on_backdrop(image), None).mask
        assert found[450:590, 340:440].all()
        assert not found[440:580, 240:250].any()

    def test_a_print_that_the_reader_mistakes_for_the_whole_does_not_shrink_the_mask(self):
        image = photo(shirt(), cloth=(250, 250, 250), backdrop=(240, 240, 240))
        image[400:600, 320:450] = (200, 30, 30)
        seen = np.zeros(SIZE, bool)
        seen[400:600, 320:450] = True
        assert overlap(fuse(image, self.shares(seen), find_on_backdrop(image), None).mask, shirt()) > 0.95

    def test_a_hanger_before_a_plain_backdrop_is_cut_off(self):
        hanger = np.zeros(SIZE, bool)
        hanger[60:158, 380:388] = True
        image = photo(shirt() | hanger)
        assert find_on_backdrop(image).foreground[80:140, 384].all()
        found = fuse(image, self.shares(shirt(), hanger), find_on_backdrop(image), None).mask
        assert not found[:140].any()
        assert overlap(found, shirt()) > 0.97

    def test_on_a_busy_ground_the_mask_follows_the_picture(self):
        y, x = np.mgrid[: SIZE[0], : SIZE[1]]
        ground = np.stack([170 + 40 * np.sin(x / 9), 150 + 30 * np.sin(y / 23), 120 + 30 * np.sin((x + y) / 31)], 2)
        image = photo(shirt(), cloth=(30, 40, 160), backdrop=ground)
        assert find_on_backdrop(image) is None
        rough = cv2.dilate(shirt().astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
        assert overlap(rough, shirt()) < 0.96
        assert overlap(fuse(image, self.shares(rough), None, None).mask, shirt()) > 0.975


class TestFrame:
    def test_padding_is_not_photo(self):
        photo = np.random.default_rng(5).integers(0, 255, (500, 700, 3), dtype=np.uint8)
        picture, placed = normalise(photo, PictureKind.GARMENT)
        frame = photo_frame(picture)
        assert frame == (0, placed.top, picture.shape[1], placed.top + placed.height)

    def test_a_studio_s_white_is_photo(self):
        assert photo_frame(photo(shirt(), backdrop=(255, 255, 255))) == (0, 0, SIZE[1], SIZE[0])


class TestUpright:
    """Landmarks of a shirt, turned; the mask says the rest."""

    POINTS: ClassVar = {
        GarmentLandmark.LEFT_NECK: (457, 150), GarmentLandmark.RIGHT_NECK: (310, 150),
        GarmentLandmark.LEFT_SHOULDER: (547, 190), GarmentLandmark.RIGHT_SHOULDER: (220, 190),
        GarmentLandmark.LEFT_ARMPIT: (542, 350), GarmentLandmark.RIGHT_ARMPIT: (225, 350),
        GarmentLandmark.LEFT_HEM: (552, 850), GarmentLandmark.RIGHT_HEM: (215, 850),
    }  # fmt: skip

    def turned(self, degrees, sure=0.9, read_at=0.0):
        """What `upright` says of the shirt turned clockwise, on a square of 1600 pixels, and read at another turn."""
        turn = cv2.getRotationMatrix2D((384, 512), -degrees, 1)
        turn[:, 2] += (416, 288)
        mask = cv2.warpAffine(shirt().astype(np.uint8), turn, (1600, 1600)) > 0
        points, certainty = np.zeros((len(GarmentLandmark), 2), np.float32), np.zeros(len(GarmentLandmark), np.float32)
        for mark, place in self.POINTS.items():
            points[mark], certainty[mark] = turn @ (*place, 1), sure
        return upright(mask, points, certainty, read_at)

    @pytest.mark.parametrize("degrees", [15, -35, 90, 180, -90, 130])
    def test_the_tilt_is_taken_out(self, degrees):
        left = (self.turned(degrees) + degrees + 180) % 360 - 180
        assert abs(left) <= 2

    @pytest.mark.parametrize("degrees", [0, 1.5, -1.5])
    def test_what_is_nearly_upright_is_left_alone(self, degrees):
        assert self.turned(degrees) == 0

    def test_unsure_landmarks_turn_nothing_upside_down(self):
        assert self.turned(180, sure=0.2) == 0

    @pytest.mark.parametrize("read_at, expected", [(180, 180), (150, 180), (30, 0), (-90, -90)])
    def test_where_landmarks_are_unsure_the_reading_s_turn_counts(self, read_at, expected):
        assert self.turned(-expected, sure=0.2, read_at=read_at) == expected


class TestKind:
    @pytest.mark.parametrize(
        ("sure", "length", "category", "kind"),
        [
            (0.7, 1.5, Category.AUTO, GarmentKind.TOP),
            (0.7, 2.5, Category.AUTO, GarmentKind.DRESS),
            (0.9, 1.5, Category.AUTO, GarmentKind.DRESS),
            (0.7, 1.5, Category.ONE_PIECES, GarmentKind.DRESS),
        ],
    )
    def test_what_may_be_a_dress_is_a_top_when_it_is_short(self, sure, length, category, kind):
        points = np.zeros((len(GarmentLandmark), 2), np.float32)
        points[GarmentLandmark.LEFT_ARMPIT] = 1, 0.3
        points[GarmentLandmark.RIGHT_ARMPIT] = 0, 0.3
        points[[GarmentLandmark.LEFT_HEM, GarmentLandmark.RIGHT_HEM], 1] = length
        kinds = np.full(len(GarmentKind), 0.01, np.float32)
        kinds[list(GarmentKind).index(GarmentKind.DRESS)] = sure
        nothing = np.zeros(0, np.float32)
        reading = Reading((), points, nothing, nothing, kinds, nothing, nothing)
        assert fitted_as(reading, category) is kind
        doubted = [warning.code for warning in kind_warning(reading, category)]
        assert doubted == (["kind_doubtful"] if kind is GarmentKind.TOP else [])


class TestRefusal:
    """The network's word is written here, so that each threshold is seen alone."""

    def code(self, kind=GarmentKind.TOP, photo_kind=PhotoKind.FLAT, odds=0.9, category=Category.AUTO, somebody=None):
        kinds, photos = (np.full(len(names), 0.01, np.float32) for names in (GarmentKind, PhotoKind))
        kinds[list(GarmentKind).index(kind)] = photos[list(PhotoKind).index(photo_kind)] = odds
        nothing = np.zeros(0, np.float32)
        reading = Reading((), nothing, nothing, nothing, kinds, photos, nothing)
        problem = refusal(photo(shirt()), reading, category, None if somebody is None else lambda: somebody)
        return problem and problem.code

    @pytest.mark.parametrize("photo_kind", [PhotoKind.FLAT, PhotoKind.HANGER, PhotoKind.MANNEQUIN])
    def test_garments_pass(self, photo_kind):
        assert self.code(photo_kind=photo_kind, somebody=True) is None

    def test_each_refusal_has_its_code(self):
        assert self.code(GarmentKind.OTHER) is Code.UNSUPPORTED_GARMENT
        assert self.code(GarmentKind.SEVERAL) is Code.SEVERAL_GARMENTS
        assert self.code(photo_kind=PhotoKind.FOLDED) is Code.GARMENT_FOLDED

    def test_the_market_s_word_outweighs_a_doubt(self):
        assert self.code(GarmentKind.OTHER, category=Category.TOPS) is None
        assert self.code(GarmentKind.OTHER, odds=0.99, category=Category.TOPS) is Code.UNSUPPORTED_GARMENT

    def test_two_witnesses_or_a_sure_one_say_that_it_is_worn(self):
        assert self.code(photo_kind=PhotoKind.WORN, odds=0.5, somebody=True) is Code.GARMENT_WORN
        assert self.code(photo_kind=PhotoKind.WORN, odds=0.5, somebody=False) is None
        assert self.code(photo_kind=PhotoKind.WORN, odds=0.5) is None
        assert self.code(photo_kind=PhotoKind.WORN, odds=0.99, somebody=False) is Code.GARMENT_WORN


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
def client():
    os.environ.setdefault("VF_WEIGHTS", str(WEIGHTS))
    with TestClient(create_app()) as client:
        while client.get("/readyz").status_code != 200:
            pass
        yield client


def post(client, image, **words):
    content = image if isinstance(image, bytes) else encode_png(image)
    return client.post("/v1/cloth-mask", files={"image": content}, data=words)


def read(response):
    """The files of an answer: pictures as arrays, garment.json as a document."""
    assert response.status_code == 200, response.text
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.namelist() == ["garment.json", "cloth.png", "cloth_mask.png", "garment_parts.png"]
        files = {name: archive.read(name) for name in archive.namelist()}
    document = GarmentDocument.model_validate_json(files.pop("garment.json"))
    return document, *(np.array(Image.open(io.BytesIO(content))) for content in files.values())


def warnings(response):
    return [warning["code"] for warning in json.loads(response.headers.get("VF-Warnings", "[]"))]


def placed(mask, document):
    """A mask of the photo in the frame of cloth.png."""
    there = cv2.warpAffine(mask.astype(np.float32), np.array(document.straightened.matrix), (768, 1024))
    return there > 0.5


def landmark(document, mark):
    """(x, y) in cloth.png."""
    found = document.landmarks[mark]
    assert found.name == mark.name.lower()
    return np.array([found.x, found.y])


@needs_weights
class TestHttp:
    @pytest.mark.parametrize(
        ("garment", "kinds"),
        [
            ("tshirt", {GarmentKind.TOP}),
            ("longsleeve", {GarmentKind.TOP, GarmentKind.OUTERWEAR}),
            pytest.param(
                "tank",
                {GarmentKind.TOP},
                marks=pytest.mark.xfail(strict=True, reason="sleeveless tops are read as dresses; see the model card"),
            ),
            ("trousers", {GarmentKind.TROUSERS}),
        ],
    )
    def test_a_garment_is_read(self, client, garment, kinds):
        document, cloth, mask, parts = read(post(client, sample(garment)))
        assert cloth.shape == (1024, 768, 3)
        assert mask.shape == parts.shape == (1024, 768)
        assert document.kind.value in kinds
        assert document.fitted_as is document.kind.value
        assert document.view.value is GarmentView.FRONT
        assert set(np.unique(mask)) == {0, 255}
        assert ((parts >= GarmentPart.TORSO) == (mask > 0)).all()
        assert (cloth[cv2.dilate(mask, np.ones((9, 9), np.uint8)) == 0] == 255).all()

    def test_cloth_fills_the_frame_in_its_own_colours(self, client):
        image = photo(shirt(0.5), cloth=(40, 80, 160), backdrop=(200, 190, 175))
        document, cloth, mask, _ = read(post(client, image))
        columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
        free = (columns[0], 767 - columns[-1], rows[0], 1023 - rows[-1])
        assert min(free[0] / 768, free[2] / 1024) == pytest.approx(0.083, abs=0.012)
        assert abs(free[0] - free[1]) < 12
        assert abs(free[2] - free[3]) < 12
        assert document.straightened.scale > 1.5
        assert abs(np.median(cloth[mask > 0], axis=0) - (40, 80, 160)).max() <= 2

    @pytest.mark.parametrize("degrees", [-25, 90, 180])
    def test_a_tilted_garment_is_straightened(self, client, degrees):
        image = sample("tshirt")
        height, width = image.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 0.75)
        tilted = cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
        document, _, mask, _ = read(post(client, tilted))
        left = (document.straightened.rotation + degrees + 180) % 360 - 180
        assert abs(left) < 5
        _, _, straight, _ = read(post(client, image))
        assert overlap(mask > 0, straight > 0) > 0.85
        matrix = np.array(document.straightened.matrix)
        assert np.hypot(*matrix[:, 0]) == pytest.approx(document.straightened.scale)
        neck, hem = landmark(document, GarmentLandmark.LEFT_NECK), landmark(document, GarmentLandmark.LEFT_HEM)
        assert neck[1] < 400 < hem[1]

    @pytest.mark.parametrize("quarters", [1, 2, 3])
    def test_a_photo_on_its_side_is_turned(self, client, quarters):
        """The landmarks of this one are too unsure to say an angle."""
        document, _, _, _ = read(post(client, np.ascontiguousarray(np.rot90(sample("hanger"), quarters))))
        left = (document.straightened.rotation - 90 * quarters + 180) % 360 - 180
        assert abs(left) <= 20

    def test_a_studio_picture_keeps_its_pixels(self, client):
        image = sample("tshirt")
        document, cloth, mask, _ = read(post(client, image))
        again, second, _, _ = read(post(client, cloth))
        inner = cv2.erode(mask, np.ones((9, 9), np.uint8)) > 0
        assert again.straightened.rotation == document.straightened.rotation == 0
        assert again.straightened.scale == 1
        assert (second[inner] == cloth[inner]).all()

    def test_a_stated_category_wins(self, client):
        response = post(client, sample("trousers"), category="tops")
        document, *_ = read(response)
        assert document.category is Category.TOPS
        assert document.kind.value is GarmentKind.TROUSERS
        assert CATEGORIES[document.fitted_as] is Category.TOPS
        assert "category_doubtful" in warnings(response)
        assert "category_doubtful" not in warnings(post(client, sample("trousers"), category="bottoms"))

    def test_a_category_that_does_not_exist_is_refused(self, client):
        response = post(client, sample("trousers"), category="hats")
        assert (response.status_code, response.json()["code"]) == (422, "invalid_request")

    def test_garment_json_alone_can_be_asked_for(self, client):
        response = client.post(
            "/v1/cloth-mask", files={"image": encode_png(sample("tshirt"))}, headers={"Accept": "application/json"}
        )
        assert response.headers["content-type"] == "application/json"
        assert GarmentDocument.model_validate_json(response.content).version == 1

    def test_a_garment_that_the_photo_cuts_is_told(self, client):
        document, *_ = read(post(client, np.ascontiguousarray(sample("tshirt")[:620])))
        assert document.cut == [Side.BOTTOM]

    @pytest.mark.parametrize("backdrop", [0, 255], ids=["black", "white"])
    def test_the_transparency_of_a_cutout_is_its_mask(self, client, backdrop):
        """White cloth, of which nothing can be seen once it lies on white."""
        alpha = cv2.GaussianBlur(shirt().astype(np.float32), (0, 0), 1.0) * 255
        image = np.where(shirt()[..., None], 255, backdrop) * np.ones(3)
        document, cloth, mask, _ = read(post(client, np.dstack([image, alpha]).astype(np.uint8)))
        assert overlap(mask > 0, placed(shirt(), document)) > 0.99
        assert document.fitted_as is GarmentKind.TOP
        assert cloth[cv2.erode(mask, np.ones((9, 9), np.uint8)) > 0].min() >= 250

    def test_a_photo_on_a_transparent_canvas_is_no_cutout(self, client):
        alpha = np.zeros(SIZE, np.uint8)
        alpha[60:964, 10:758] = 255
        document, _, mask, _ = read(post(client, np.dstack([photo(shirt()), alpha])))
        assert overlap(mask > 0, placed(shirt(), document)) > 0.9

    def test_warnings_travel_in_the_header(self, client):
        response = post(client, photo(shirt(0.3)))
        assert "low_confidence" in warnings(response)

    @pytest.mark.parametrize("rows", [slice(None), slice(0, 560)], ids=["whole", "half"])
    @pytest.mark.parametrize("person", ["person", "person2", "person3"])
    def test_a_photo_of_somebody_is_refused(self, client, person, rows):
        problem = post(client, np.ascontiguousarray(sample(person)[rows])).json()
        assert problem["code"] == "garment_worn"
        assert "alone" in problem["detail"]

    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (b"this is text", 415, "unsupported_image"),
            (b"", 415, "unsupported_image"),
            (encode_png(np.full((*SIZE, 3), 250, np.uint8)), 422, "no_garment_found"),
        ],
    )
    def test_bad_input_has_its_code(self, client, content, status, code):
        response = post(client, content)
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert response.headers["content-type"] == "application/problem+json"

    def test_noise_is_no_garment(self, client):
        noise = np.random.default_rng(3).integers(0, 255, (*SIZE, 3), dtype=np.uint8)
        response = post(client, noise)
        assert response.status_code == 422
        assert response.json()["code"] in {"no_garment_found", "unsupported_garment"}

    def test_a_request_without_a_picture_is_refused(self, client):
        response = client.post("/v1/cloth-mask")
        assert (response.status_code, response.json()["code"]) == (422, "invalid_request")

    def test_info_names_the_weights(self, client):
        used = client.get("/v1/info").json()["engine"]["weights"]
        assert [weights["file"] for weights in used] == [
            "garment_reader.onnx", WEIGHTS_FILE,
            "blazepose/pose_detection.tflite", "blazepose/pose_landmark_full.tflite",
        ]  # fmt: skip
        assert all(weights["known"] and weights["licence"] == "Apache-2.0" for weights in used)
