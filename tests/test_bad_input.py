"""Every picture that cannot be used gets its documented code, soon, and the system is fine afterwards."""

from __future__ import annotations

import time
from pathlib import Path

import bad_pictures
import httpx
import pytest

from vfkit.contracts import CATEGORIES, Category, GarmentKind
from vfkit.problems import STATUS, Code

FILE_SECONDS = 5.0
"""A file that no model has to look at; most of it is what the other tests of this machine leave over."""
MODEL_SECONDS = 20.0

BAD_FILES = {
    "1x1": (bad_pictures.one_pixel, Code.IMAGE_TOO_SMALL),
    "12,000x9,000": (bad_pictures.huge, Code.IMAGE_TOO_LARGE),
    "text named .jpg": (bad_pictures.text, Code.UNSUPPORTED_IMAGE),
    "PNG bomb": (bad_pictures.png_bomb, Code.IMAGE_TOO_LARGE),
    "animated GIF": (bad_pictures.animated_gif, Code.UNSUPPORTED_IMAGE),
    "empty file": (lambda: b"", Code.UNSUPPORTED_IMAGE),
}

BAD_PEOPLE = {
    "landscape": (lambda _: bad_pictures.landscape(), Code.NO_PERSON_FOUND),
    "cat": (lambda _: bad_pictures.cat(), Code.NO_PERSON_FOUND),
    "plain wall": (lambda _: bad_pictures.plain_wall(), Code.NO_PERSON_FOUND),
    "head and shoulders": (bad_pictures.head_and_shoulders, Code.BODY_NOT_VISIBLE),
    "cut above the hips": (bad_pictures.cut_above_the_hips, Code.BODY_NOT_VISIBLE),
    "two people side by side": (bad_pictures.two_people, Code.SEVERAL_PEOPLE),
    "one before the other": (bad_pictures.one_before_the_other, Code.SEVERAL_PEOPLE),
    "upside down": (bad_pictures.upside_down, Code.PERSON_NOT_UPRIGHT),
    "truncated": (bad_pictures.truncated, Code.UNSUPPORTED_IMAGE),
}


def post(http: httpx.Client, **photos: bytes) -> httpx.Response:
    files = {name: ("photo.jpg", content, "image/jpeg") for name, content in photos.items()}
    return http.post("/v1/fittings", files=files, headers={"Prefer": "wait=60"})


def upload_garment(http: httpx.Client, photo: bytes, **fields: str) -> httpx.Response:
    return http.post("/v1/garments", files={"image": photo}, data=fields, headers={"Prefer": "wait=60"})


def problem_of(response: httpx.Response) -> dict:
    """The problem of a refused request, or of a fitting or garment that failed."""
    if response.is_success:
        document = response.json()
        assert document["state"] == "failed", document
        problem = document["problem"]
    else:
        assert response.headers["content-type"].startswith("application/problem+json")
        problem = response.json()
        assert problem["status"] == response.status_code
    assert problem["status"] == STATUS[Code(problem["code"])]
    assert problem["detail"]
    assert "Traceback" not in response.text
    return problem


@pytest.fixture(autouse=True)
def fine_afterwards(http: httpx.Client):
    yield
    assert http.get("/readyz").status_code == 200


@pytest.mark.parametrize("field", ["person", "garment"])
@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_file(http: httpx.Client, person: bytes, garment: bytes, name: str, field: str) -> None:
    make, code = BAD_FILES[name]
    photos = {"person": person, "garment": garment, field: make()}
    began = time.monotonic()
    problem = problem_of(post(http, **photos))
    assert problem["code"] == code
    assert time.monotonic() - began < FILE_SECONDS


@pytest.mark.parametrize("name", BAD_PEOPLE)
def test_bad_person(http: httpx.Client, person: bytes, garment: bytes, name: str) -> None:
    make, code = BAD_PEOPLE[name]
    began = time.monotonic()
    problem = problem_of(post(http, person=make(person), garment=garment))
    assert problem["code"] == code
    assert time.monotonic() - began < MODEL_SECONDS


BAD_GARMENTS = {
    "plain wall": (lambda _: bad_pictures.plain_wall(), Code.NO_GARMENT_FOUND, "Nothing"),
    "somebody wears it": (lambda person: person, Code.GARMENT_WORN, "alone"),
}


@pytest.mark.parametrize("name", BAD_GARMENTS)
def test_bad_garment_is_refused_when_it_is_uploaded(http: httpx.Client, person: bytes, name: str) -> None:
    make, code, word = BAD_GARMENTS[name]
    problem = problem_of(upload_garment(http, make(person)))
    assert (problem["code"], problem["stage"]) == (code, "clothmask")
    assert word in problem["detail"]


@pytest.mark.parametrize("name", BAD_GARMENTS)
def test_bad_garment_with_a_fitting(http: httpx.Client, person: bytes, name: str) -> None:
    make, code, _ = BAD_GARMENTS[name]
    problem = problem_of(post(http, person=person, garment=make(person)))
    assert (problem["code"], problem["stage"]) == (code, "clothmask")


def test_two_garments_are_refused_when_they_are_uploaded(http: httpx.Client, garment: bytes, samples: Path) -> None:
    photo = bad_pictures.two_garments(garment, (samples / "trousers.jpg").read_bytes())
    problem = problem_of(upload_garment(http, photo))
    assert (problem["code"], problem["stage"]) == (Code.SEVERAL_GARMENTS, "clothmask")


def test_a_stated_category_wins_and_the_garment_warns(http: httpx.Client, person: bytes, garment: bytes) -> None:
    document = upload_garment(http, garment, category="bottoms").json()
    assert [warning["code"] for warning in document["warnings"]] == ["category_doubtful"]
    sent = {"data": {"garment_id": document["id"]}, "files": {"person": person}, "headers": {"Prefer": "wait=60"}}
    fitting = http.post("/v1/fittings", **sent).json()
    assert fitting["state"] == "succeeded", fitting
    read = http.get(f"/v1/fittings/{fitting['id']}/artifacts/garment.json").json()
    assert CATEGORIES[GarmentKind(read["fitted_as"])] is Category.BOTTOMS


def test_only_legs(http: httpx.Client, person: bytes, garment: bytes) -> None:
    """A finder may see a person whose body is missing, or none: both sentences ask for another photo."""
    problem = problem_of(post(http, person=bad_pictures.only_legs(person), garment=garment))
    assert problem["code"] in (Code.BODY_NOT_VISIBLE, Code.NO_PERSON_FOUND)


def test_somebody_s_back_is_refused(http: httpx.Client, garment: bytes, samples: Path) -> None:
    problem = problem_of(post(http, person=(samples / "behind.jpg").read_bytes(), garment=garment))
    assert problem["code"] == Code.PERSON_NOT_FRONTAL
    assert "front" in problem["detail"]


DOUBTFUL_PEOPLE = {
    "somebody small beside her": (bad_pictures.with_somebody_small, "several_people_found"),
    "behind a table": (bad_pictures.behind_a_table, "legs_hidden"),
}


@pytest.mark.parametrize("name", DOUBTFUL_PEOPLE)
def test_doubtful_person_is_fitted_with_a_warning(http: httpx.Client, person: bytes, garment: bytes, name: str) -> None:
    make, code = DOUBTFUL_PEOPLE[name]
    document = post(http, person=make(person), garment=garment).json()
    assert document["state"] == "succeeded", document
    assert code in [warning["code"] for warning in document["warnings"]]


def test_cropped_head_is_fitted_with_a_warning(http: httpx.Client, person: bytes, garment: bytes) -> None:
    response = post(http, person=bad_pictures.cropped_head(person), garment=garment)
    document = response.json()
    assert document["state"] == "succeeded", document
    assert "head_cropped" in {warning["code"] for warning in document["warnings"]}


@pytest.mark.parametrize("given", ["person", "garment", None])
def test_missing_field(http: httpx.Client, person: bytes, garment: bytes, given: str | None) -> None:
    photos = {"person": person, "garment": garment}
    response = post(http, **{given: photos[given]}) if given else http.post("/v1/fittings")
    assert problem_of(response)["code"] == Code.INVALID_REQUEST
    assert response.status_code == 422


def test_a_field_that_is_no_file(http: httpx.Client, garment: bytes) -> None:
    response = http.post("/v1/fittings", data={"person": "me"}, files={"garment": garment})
    assert problem_of(response)["code"] == Code.INVALID_REQUEST
