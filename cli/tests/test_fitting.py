"""What a comparison leaves behind, and the names it uses."""

from __future__ import annotations

import io
import json
from pathlib import Path

import httpx
import pytest
from PIL import Image as PILImage

from vf_cli.client import GatewayClient
from vf_cli.fitting import compare, draw_sheet, unique_names
from vf_cli.output import CommandError, progress
from vfkit.contracts import Artifact


def picture(shade: int) -> bytes:
    buffer = io.BytesIO()
    PILImage.new("RGB", (768, 1024), (shade, shade, shade)).save(buffer, "PNG")
    return buffer.getvalue()


def fitting_folder(folder: Path, shade: int) -> Path:
    folder.mkdir()
    for name, value in ((Artifact.PERSON, 10), (Artifact.CLOTH, 250), (Artifact.RESULT, shade)):
        (folder / name).write_bytes(picture(value))
    return folder


@pytest.mark.parametrize(("count", "columns", "rows"), [(1, 2, 1), (3, 4, 1), (4, 4, 2)])
def test_sheet_has_the_person_first_and_each_garment_in_its_corner(
    tmp_path: Path, count: int, columns: int, rows: int
) -> None:
    folders = [fitting_folder(tmp_path / str(index), 100 + index) for index in range(count)]
    sheet = PILImage.open(io.BytesIO(draw_sheet(folders)))
    assert sheet.size == (8 + columns * 392, 8 + rows * 520)
    assert sheet.getpixel((100, 500)) == (10, 10, 10)
    assert sheet.getpixel((400 + 300, 500)) == (100, 100, 100)
    assert sheet.getpixel((400 + 30, 60)) == (250, 250, 250)


def test_equal_stems_get_different_folders() -> None:
    names = unique_names([Path("a/top.jpg"), Path("b/top.jpg"), Path("c/shirt.jpg")])
    assert list(names.values()) == ["top-1", "top-2", "shirt"]


def test_comparison_goes_on_without_a_bad_garment(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, content=picture(50))
        if b"unreadable" in request.read():
            return httpx.Response(415, json={"code": "unsupported_image", "detail": "No picture."})
        links = {
            name.value: f"/v1/fittings/f/artifacts/{name}"
            for name in (Artifact.PERSON, Artifact.CLOTH, Artifact.RESULT)
        }
        return httpx.Response(202, json={"id": "f", "state": "succeeded", "artifacts": links})

    for name, content in (("person.png", b"p"), ("good.png", b"g"), ("bad.png", b"unreadable")):
        (tmp_path / name).write_bytes(content)
    garments = [tmp_path / "bad.png", tmp_path / "good.png"]
    client = GatewayClient("http://gateway", httpx.MockTransport(answer))
    made = compare(client, tmp_path / "person.png", garments, tmp_path / "out", jobs=2, progress=progress())
    assert [("error" in entry) for entry in made["fittings"]] == [True, False]
    assert Path(made["sheet"]).exists()
    assert json.loads((tmp_path / "out/comparison.json").read_text()) == made


def test_unreadable_photo_is_a_usage_error(tmp_path: Path) -> None:
    client = GatewayClient("http://gateway", httpx.MockTransport(lambda _: httpx.Response(500)))
    with pytest.raises(CommandError, match="cannot be read"):
        compare(client, tmp_path / "none.jpg", [], tmp_path, jobs=1, progress=progress())
