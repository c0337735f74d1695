"""What the gateway makes of photo files that are not quite as they should be."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from gateway_harness import photo
from PIL import Image as PILImage

SAMPLE = Path(__file__).parents[2] / "samples/person.jpg"
HEIC = Path(__file__).parents[2] / "kit/tests/fixtures/quadrants.heic"
SLOWEST = 200.0
"""Seconds for the largest photo, on a machine that does other things too; alone it takes five."""


def upload(gateway: httpx.Client, data: bytes, kind: str = "people") -> httpx.Response:
    return gateway.post(f"/v1/{kind}", files={"image": data}, headers={"Prefer": "wait=60"}, timeout=SLOWEST)


def made(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    assert document["state"] == "succeeded"
    return document


def picture(gateway: httpx.Client, path: str) -> PILImage.Image:
    answer = gateway.get(path, timeout=SLOWEST)
    assert answer.status_code == 200, answer.text
    return PILImage.open(io.BytesIO(answer.content))


def shown(gateway: httpx.Client, document: dict[str, Any]) -> np.ndarray:
    """The normalised person."""
    return np.asarray(picture(gateway, document["artifacts"]["person.png"]).convert("RGB")).astype(int)


def encoded(picture: PILImage.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def codes(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(warning["stage"], warning["code"]) for warning in document["warnings"]]


# --- multipart bodies ---


def body(*parts: tuple[str, bytes]) -> dict[str, Any]:
    """Arguments of a request whose parts have these dispositions and contents."""
    sent = b"".join(
        b"--XBOUND\r\nContent-Disposition: form-data; " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n"
        for disposition, content in parts
    )
    headers = {"Content-Type": "multipart/form-data; boundary=XBOUND", "Prefer": "wait=30"}
    return {"content": sent + b"--XBOUND--\r\n", "headers": headers}


@pytest.mark.parametrize(
    "name",
    [
        "filename*=UTF-8''%EC%A7%80%EB%8B%A8.jpg",
        "FileName*=utf-8''a%22b%3B.jpg",
        "filename*=EUC-KR''%B9%D9%C1%F6.jpg",
        "filename*0*=UTF-8''%EC%A7%80; filename*1=x.jpg",
        "filename*=nonsense''%ff",
        "filename*=",
    ],
)
def test_a_file_name_may_come_in_the_extended_notation_alone(gateway: httpx.Client, name: str) -> None:
    made(gateway.post("/v1/people", **body((f'name="image"; {name}', photo(1)))))


def test_of_two_files_in_one_field_the_first_is_used(gateway: httpx.Client) -> None:
    first, second = photo(1), photo(2, 600, 800)
    parts = ('name="image"; filename="a.png"', first), ("name=\"image\"; filename*=UTF-8''%EC%A7%80.png", second)
    document = made(gateway.post("/v1/people", **body(*parts)))
    assert (document["width"], document["height"]) == (300, 400)
    assert codes(document) == [("person", "file_ignored")]
    assert "지.png" in document["warnings"][0]["detail"]


def test_a_fitting_tells_which_files_were_not_used(gateway: httpx.Client) -> None:
    again = [("person", photo(1)), ("garment", photo(2)), ("garment", photo(3))]
    for _ in range(2):  # the second time both photos are known already
        answer = gateway.post("/v1/fittings", files=again, headers={"Prefer": "wait=30"})
        document = made(answer)
        assert codes(document) == [("garment", "file_ignored")]
        assert codes(gateway.get(document["links"]["person"]).json()) == []


def test_a_text_where_a_file_belongs_is_told(gateway: httpx.Client) -> None:
    answer = gateway.post("/v1/people", **body(('name="image"', b"person.jpg")))
    assert (answer.status_code, answer.json()["detail"]) == (422, "image must be sent as a file.")


# --- pictures ---


def without_marker(data: bytes, marker: int) -> bytes:
    """A JPEG without its segments of one kind."""
    kept, place = data[:2], 2
    while data[place + 1] != 0xDA:
        end = place + 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
        kept += b"" if data[place + 1] == marker else data[place:end]
        place = end
    return kept + data[place:]


def test_inks_of_a_jpeg_without_adobe_s_marker_are_not_inverted(gateway: httpx.Client) -> None:
    person = PILImage.open(SAMPLE)
    inks = person.convert("CMYK").point(lambda value: 255 - value)  # Pillow inverts when it saves
    plain = without_marker(encoded(inks, "JPEG", quality=95), 0xEE)
    expected = shown(gateway, made(upload(gateway, SAMPLE.read_bytes())))
    assert np.abs(shown(gateway, made(upload(gateway, plain))) - expected).mean() < 2


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_its_end_only_is_taken_with_a_warning(gateway: httpx.Client, progressive: bool) -> None:
    whole = encoded(PILImage.open(SAMPLE), "JPEG", quality=90, progressive=progressive)
    expected = shown(gateway, made(upload(gateway, whole)))
    for missing in (1, 2):
        document = made(upload(gateway, whole[:-missing]))
        assert codes(document) == [("person", "end_missing")]
        assert np.array_equal(shown(gateway, document), expected)


def overwritten(data: bytes, filling: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + filling + data[middle + len(filling) :]


def test_a_jpeg_that_lacks_a_part_of_its_picture_is_refused(gateway: httpx.Client) -> None:
    whole = encoded(PILImage.open(SAMPLE), "JPEG", quality=90)
    for damaged in (whole[:-2000], whole[: len(whole) // 2], overwritten(whole, b"\xff" * 400)):
        answer = upload(gateway, damaged)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_image")


def test_a_heic_with_a_part_overwritten_is_refused(gateway: httpx.Client) -> None:
    whole = HEIC.read_bytes()
    made(upload(gateway, whole))
    for filling in (b"\xff" * 100, bytes(100)):
        answer = upload(gateway, overwritten(whole, filling))
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_image")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_cutout_keeps_its_transparency(gateway: httpx.Client, kind: str) -> None:
    cutout = PILImage.new("RGBA", (600, 800), (200, 0, 0, 0))
    cutout.paste((250, 250, 250, 255), (150, 200, 450, 700))
    cutout.paste((20, 30, 40, 191), (250, 300, 350, 400))
    cloth = picture(
        gateway,
        made(upload(gateway, encoded(cutout, kind, lossless=True), "garments"))["artifacts"]["garment_photo.png"],
    )
    assert cloth.mode == "RGBA"
    values = np.asarray(cloth).astype(int)
    assert np.abs(values[:, :, 3] - np.asarray(cutout.resize((768, 1024), PILImage.Resampling.BOX))[:, :, 3]).mean() < 2
    assert np.abs(values[448, 384] - (20, 30, 40, 191)).max() <= 2
    assert values[0, 0].tolist() == [255, 255, 255, 0]


def test_a_cutout_and_its_like_on_white_are_not_the_same_garment(gateway: httpx.Client) -> None:
    cutout = PILImage.new("RGBA", (600, 800), (255, 255, 255, 0))
    cutout.paste((255, 255, 255, 255), (150, 200, 450, 700))
    for data, mode in ((PILImage.new("RGB", (600, 800), "white"), "RGB"), (cutout, "RGBA")):
        document = made(upload(gateway, encoded(data, "PNG"), "garments"))
        assert picture(gateway, document["artifacts"]["garment_photo.png"]).mode == mode


def person_of(width: int, height: int, brightness: float = 1.0) -> bytes:
    """The sample person on a canvas of this size."""
    person = (
        PILImage.open(SAMPLE)
        .convert("RGB")
        .resize((width, height), PILImage.Resampling.NEAREST)
        .point(lambda value: int(value * brightness))
    )
    return encoded(person, "JPEG", quality=85)


def test_a_result_has_the_size_of_a_photo_of_24_megapixels(gateway: httpx.Client) -> None:
    files = {"person": person_of(4000, 6000), "garment": photo(2)}
    document = made(gateway.post("/v1/fittings", files=files, headers={"Prefer": "wait=60"}, timeout=SLOWEST))
    assert codes(document) == []
    person = gateway.get(document["links"]["person"]).json()
    assert (person["width"], person["height"]) == (4000, 6000)
    assert picture(gateway, document["links"]["result_full"]).size == (4000, 6000)


def test_a_larger_photo_is_reduced_and_that_is_told(gateway: httpx.Client) -> None:
    document = made(upload(gateway, person_of(4200, 6400)))
    assert (document["width"], document["height"]) == (4200, 6400)
    assert codes(document) == [("person", "photo_reduced")]
    assert "4200 x 6400" in document["warnings"][0]["detail"]


def test_a_very_dark_photo_is_told(gateway: httpx.Client) -> None:
    assert codes(made(upload(gateway, person_of(600, 800, 0.12)))) == [("person", "too_dark")]
    assert codes(made(upload(gateway, person_of(600, 800, 0.5)))) == []
