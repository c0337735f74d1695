"""Skipping, resuming and trying again, with a gateway that answers at once."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import httpx
import pytest
from PIL import Image as PILImage

from vf_cli.client import GatewayClient, ProblemError
from vf_cli.preprocess import PAIRS, Preprocessor, list_photos
from vfkit.contracts import Artifact, Category


def photo(shade: int) -> bytes:
    buffer = io.BytesIO()
    PILImage.new("RGB", (150, 200), (shade, shade, shade)).save(buffer, "PNG")
    return buffer.getvalue()


BAD_PERSON, BAD_GARMENT = photo(1), photo(2)


class FakeGateway:
    """Photos that are prepared when they are accepted; bad ones by their content."""

    def __init__(self) -> None:
        self.photos: list[str] = []
        self.deleted: list[str] = []
        self.categories: dict[str, bytes | None] = {}
        self.busy = self.spoiled = self.slow = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "DELETE":
            self.deleted.append(path)
            return httpx.Response(204)
        if "/artifacts/" in path:
            return httpx.Response(200, content=b'{"people": []}' if path.endswith(Artifact.POSE_JSON) else photo(9))
        if request.method == "GET":
            return self.prepared(path)
        if self.busy:
            self.busy -= 1
            return self.problem(503, "overloaded", {"retry-after": "0"})
        body = request.read()
        if b"no picture" in body:
            return self.problem(415, "unsupported_image", {})
        named = re.search(rb'name="category"\r\n\r\n([\w-]+)', body)
        self.categories[path.rpartition("/")[2]] = named and named[1]
        home = f"{path}/{len(self.photos)}"
        self.photos.append(home)
        if self.spoiled:
            self.spoiled -= 1
            return self.failed(home, "stage_unavailable", "parse")
        if BAD_PERSON in body:
            return self.failed(home, "no_person_found", "openpose")
        if BAD_GARMENT in body:
            return self.failed(home, "no_garment_found", "clothmask")
        return self.prepared(home)

    def prepared(self, home: str) -> httpx.Response:
        state = "succeeded" if self.slow <= 0 else "running"
        self.slow -= 1
        pictures = {name.value: f"{home}/artifacts/{name}" for name in Artifact}
        document = {"id": home.rpartition("/")[2], "state": state, "artifacts": pictures, "links": {"self": home}}
        return httpx.Response(200, json=document)

    @staticmethod
    def problem(status: int, code: str, headers: dict) -> httpx.Response:
        return httpx.Response(status, json={"code": code, "detail": "So it is.", "stage": None}, headers=headers)

    @staticmethod
    def failed(home: str, code: str, stage: str) -> httpx.Response:
        problem = {"code": code, "detail": "So it is.", "stage": stage}
        return httpx.Response(202, json={"id": home.rpartition("/")[2], "state": "failed", "problem": problem})


@pytest.fixture
def fake() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def client(fake: FakeGateway) -> GatewayClient:
    return GatewayClient("http://gateway", httpx.MockTransport(fake))


def folder(path: Path, photos: dict[str, bytes]) -> Path:
    path.mkdir()
    for name, content in photos.items():
        (path / name).write_bytes(content)
    return path


@pytest.fixture
def pair(tmp_path: Path) -> None:
    """One person, one garment."""
    folder(tmp_path / "people", {"a.png": photo(10)})
    folder(tmp_path / "garments", {"x.png": photo(20)})


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("vf_client.calls.FIRST_PAUSE", "vf_client.calls.LOOK_SECONDS", "vf_cli.preprocess.PAUSE_SECONDS"):
        monkeypatch.setattr(name, 0)


def run(tmp_path: Path, client: GatewayClient, jobs: int = 1):
    seen: list[str] = []
    layout = Preprocessor(
        tmp_path / "out",
        list_photos(tmp_path / "people"),
        list_photos(tmp_path / "garments"),
        lambda photo: seen.append(photo.name),
    )
    return layout.run(client, jobs), seen


def test_every_photo_is_prepared_once_and_not_left_behind(
    tmp_path: Path, client: GatewayClient, fake: FakeGateway
) -> None:
    folder(tmp_path / "people", {"a.png": photo(10), "b.png": photo(11), "c.png": photo(12)})
    folder(tmp_path / "garments", {"x.png": photo(20)})
    outcome, seen = run(tmp_path, client, jobs=2)
    assert len(fake.photos) == 4
    assert sorted(fake.deleted) == sorted(fake.photos)
    assert sorted(seen) == ["a.png", "b.png", "c.png", "x.png"]
    assert (tmp_path / "out" / PAIRS).read_text().split() == ["a.jpg", "x.jpg", "b.jpg", "x.jpg", "c.jpg", "x.jpg"]
    assert outcome.skipped == []
    made = tmp_path / "out/test"
    files = sorted(str(path.relative_to(made)) for path in made.rglob("a*.*") if path.is_file())
    assert files == [
        "agnostic-v3.2/a.jpg", "image-densepose/a.jpg", "image-parse-agnostic-v3.2/a.png", "image-parse-v3/a.png",
        "image/a.jpg", "openpose_img/a_rendered.png", "openpose_json/a_keypoints.json",
    ]  # fmt: skip
    with PILImage.open(tmp_path / "out/test/cloth-mask/x.jpg") as mask:
        assert mask.mode == "L"


def test_bad_ones_are_skipped(tmp_path: Path, client: GatewayClient) -> None:
    folder(tmp_path / "people", {"a.png": BAD_PERSON, "b.jpg": b"no picture", "c.png": photo(12)})
    folder(tmp_path / "garments", {"x.png": photo(20), "y.png": BAD_GARMENT, "z.jpg": b"no picture"})
    outcome, _ = run(tmp_path, client)
    assert {(Path(s.photo).name, s.code) for s in outcome.skipped} == {
        ("a.png", "no_person_found"), ("b.jpg", "unsupported_image"),
        ("y.png", "no_garment_found"), ("z.jpg", "unsupported_image"),
    }  # fmt: skip
    assert (tmp_path / "out" / PAIRS).read_text() == "c.jpg x.jpg\n"


def test_all_bad_ends(tmp_path: Path, client: GatewayClient) -> None:
    folder(tmp_path / "people", {"a.png": BAD_PERSON})
    folder(tmp_path / "garments", {"x.png": photo(20)})
    outcome, _ = run(tmp_path, client)
    assert outcome.pairs == 0
    assert (tmp_path / "out" / PAIRS).read_text() == ""


def test_resumes(tmp_path: Path, client: GatewayClient, fake: FakeGateway) -> None:
    folder(tmp_path / "people", {"a.png": photo(10), "b.png": photo(11)})
    folder(tmp_path / "garments", {"x.png": photo(20), "y.png": photo(21)})
    run(tmp_path, client)
    (tmp_path / "out/test/image/b.jpg").unlink()
    fake.photos.clear()
    outcome, seen = run(tmp_path, client)
    assert len(fake.photos) == 1
    assert sorted(seen) == ["a.png", "b.png", "x.png", "y.png"]
    assert outcome.pairs == 2
    assert not list((tmp_path / "out").rglob(".*"))


@pytest.mark.usefixtures("pair", "no_pauses")
def test_waits_while_the_gateway_is_busy(tmp_path: Path, client: GatewayClient, fake: FakeGateway) -> None:
    fake.busy = 2
    assert run(tmp_path, client)[0].pairs == 1


@pytest.mark.usefixtures("pair", "no_pauses")
def test_a_system_that_stays_broken_ends_it(tmp_path: Path, client: GatewayClient, fake: FakeGateway) -> None:
    fake.busy = 99
    with pytest.raises(ProblemError, match="overloaded"):
        run(tmp_path, client)


@pytest.mark.usefixtures("pair", "no_pauses")
def test_a_photo_that_a_service_spoiled_is_tried_again(
    tmp_path: Path, client: GatewayClient, fake: FakeGateway
) -> None:
    fake.spoiled = 2
    assert run(tmp_path, client)[0].pairs == 1
    assert len(fake.photos) == len(fake.deleted) == 4


@pytest.mark.usefixtures("pair", "no_pauses")
def test_a_service_that_stays_broken_ends_it(tmp_path: Path, client: GatewayClient, fake: FakeGateway) -> None:
    fake.spoiled = 99
    with pytest.raises(ProblemError, match="stage_unavailable"):
        run(tmp_path, client)
    assert len(fake.photos) <= 8


@pytest.mark.usefixtures("pair", "no_pauses")
def test_slow_photos_are_waited_for(tmp_path: Path, client: GatewayClient, fake: FakeGateway) -> None:
    fake.slow = 3
    assert run(tmp_path, client)[0].pairs == 1


@pytest.mark.usefixtures("pair")
def test_garments_are_sold_as_the_category_that_is_named(
    tmp_path: Path, client: GatewayClient, fake: FakeGateway
) -> None:
    people, garments = (list_photos(tmp_path / name) for name in ("people", "garments"))
    Preprocessor(tmp_path / "out", people, garments, lambda _: None, Category.TOPS).run(client, jobs=1)
    assert fake.categories == {"garments": b"tops", "people": None}


@pytest.mark.usefixtures("pair", "no_pauses")
def test_layout_documents_are_json(tmp_path: Path, client: GatewayClient) -> None:
    outcome, _ = run(tmp_path, client)
    assert json.loads(json.dumps(outcome.document()))["pairs"] == 1
