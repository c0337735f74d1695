"""Pictures through `read_picture`, `normalise`, `lay_back` and the PNG codecs; every file is made here."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PILImage
from PIL import ImageCms

from vfkit.contracts import CIHP_PALETTE, HEIGHT, WIDTH
from vfkit.pictures import (
    PictureKind,
    PictureLimits,
    Placement,
    changed_mask,
    decode_labels,
    decode_mask,
    decode_png,
    encode_labels,
    encode_mask,
    encode_png,
    lay_back,
    normalise,
    read_picture,
)
from vfkit.problems import Code, Problem

ORIENTATION = 0x0112


def encoded(picture: PILImage.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def photo(width: int = 300, height: int = 400) -> np.ndarray:
    """A smooth picture whose every corner differs."""
    y, x = np.mgrid[0:height, 0:width]
    return np.dstack([x * 255 // width, y * 255 // height, 255 - x * 255 // width]).astype(np.uint8)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def bomb() -> bytes:
    """50,000 x 50,000 pixels declared, a few bytes sent."""
    return png_header(50_000, 50_000) + png_chunk(b"IDAT", zlib.compress(bytes(1000))) + png_chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A small picture with a compressed text of 200 MB."""
    packer = zlib.compressobj(9)
    text = b"".join(packer.compress(bytes(1_000_000)) for _ in range(200)) + packer.flush()
    rows = zlib.compress(b"".join(b"\0" + bytes(3 * 200) for _ in range(200)))
    chunks = png_chunk(b"zTXt", b"Comment\0\0" + text) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    return png_header(200, 200) + chunks


def animation(kind: str) -> bytes:
    frames = [PILImage.new("RGB", (200, 200), colour) for colour in ("red", "green", "blue")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:])


JPEG = encoded(PILImage.fromarray(photo()), "JPEG")
BAD = {
    "empty": (b"", Code.UNSUPPORTED_IMAGE),
    "text": (b"this is a photo, believe me\n" * 50, Code.UNSUPPORTED_IMAGE),
    "jpeg magic, then text": (b"\xff\xd8\xff\xe0" + b"text" * 500, Code.UNSUPPORTED_IMAGE),
    "truncated jpeg": (JPEG[: len(JPEG) // 2], Code.UNSUPPORTED_IMAGE),
    "truncated png": (encoded(PILImage.fromarray(photo()))[:-2000], Code.UNSUPPORTED_IMAGE),
    "heic brand only": (b"\0\0\0\x18ftypheic" + bytes(200), Code.UNSUPPORTED_IMAGE),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' width='500' height='500'/>", Code.UNSUPPORTED_IMAGE),
    "animated gif": (animation("GIF"), Code.UNSUPPORTED_IMAGE),
    "still gif": (encoded(PILImage.new("P", (200, 200)), "GIF"), Code.UNSUPPORTED_IMAGE),
    "animated webp": (animation("WEBP"), Code.UNSUPPORTED_IMAGE),
    "animated png": (animation("PNG"), Code.UNSUPPORTED_IMAGE),
    "text bomb": (text_bomb(), Code.UNSUPPORTED_IMAGE),
    "declared bomb": (bomb(), Code.IMAGE_TOO_LARGE),
    "12000 x 9000": (encoded(PILImage.new("L", (12_000, 9_000))), Code.IMAGE_TOO_LARGE),
    "1 x 1": (encoded(PILImage.new("RGB", (1, 1))), Code.IMAGE_TOO_SMALL),
    "narrow": (encoded(PILImage.new("RGB", (127, 4000))), Code.IMAGE_TOO_SMALL),
}


@pytest.mark.parametrize(("data", "code"), BAD.values(), ids=BAD.keys())
def test_bad_files_are_refused_with_their_code(data, code):
    with pytest.raises(Problem) as caught:
        read_picture(data)
    assert caught.value.code is code
    assert caught.value.detail.endswith(".")
    assert "Error" not in caught.value.detail


def test_a_file_of_too_many_bytes_is_not_even_opened():
    with pytest.raises(Problem) as caught:
        read_picture(JPEG, PictureLimits(max_bytes=len(JPEG) - 1))
    assert caught.value.code is Code.IMAGE_TOO_LARGE


@pytest.mark.parametrize(
    ("place", "size"), [(slice(0, 4), 4), (slice(10, 40), 30), (slice(-4000, -3900), 100), (slice(200, 600), 400)]
)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_overwritten_bytes_give_a_picture_or_a_problem(place, size, data):
    for sane in (JPEG, encoded(PILImage.fromarray(photo()))):
        hostile = bytearray(sane)
        hostile[place] = data.draw(st.binary(min_size=size, max_size=size))
        try:
            picture = read_picture(bytes(hostile))
        except Problem as problem:
            assert problem.code in {Code.UNSUPPORTED_IMAGE, Code.IMAGE_TOO_LARGE, Code.IMAGE_TOO_SMALL}
        else:
            assert picture.dtype == np.uint8
            assert picture.shape[2] == 3


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_lossless_formats_keep_every_pixel(kind):
    picture = photo()
    assert np.array_equal(read_picture(encoded(PILImage.fromarray(picture), kind, lossless=True)), picture)


def test_jpeg_is_close():
    picture = read_picture(encoded(PILImage.fromarray(photo()), "JPEG", quality=95))
    assert np.abs(picture.astype(int) - photo()).mean() < 2


def test_an_mpo_as_phones_write_it_is_its_first_picture():
    frames = [PILImage.new("RGB", (200, 300), colour) for colour in ("red", "blue")]
    picture = read_picture(encoded(frames[0], "MPO", save_all=True, append_images=frames[1:]))
    assert picture.shape == (300, 200, 3)
    assert picture[100, 100, 0] > 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(kind, orientation):
    upright = photo(160, 240)
    stored = {  # what a camera stores: the inverse of what the tag asks for
        1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1],
        5: upright.swapaxes(0, 1), 6: upright.swapaxes(0, 1)[::-1],
        7: upright.swapaxes(0, 1)[::-1, ::-1], 8: upright.swapaxes(0, 1)[:, ::-1],
    }[orientation]  # fmt: skip
    exif = PILImage.Exif()
    exif[ORIENTATION] = orientation
    data = encoded(PILImage.fromarray(np.ascontiguousarray(stored)), kind, exif=exif, quality=95)
    picture = read_picture(data)
    assert picture.shape == upright.shape
    assert np.abs(picture.astype(int) - upright).mean() < 4


def test_a_damaged_exif_block_does_not_cost_the_photo():
    data = encoded(PILImage.fromarray(photo()), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert read_picture(data).shape == (400, 300, 3)


ORANGE = (200, 100, 50)
MODES = {
    "L": ("L", (124, 124, 124)),
    "1": ("1", None),
    "P": ("P", None),
    "LA": ("LA", (124, 124, 124)),
    "RGBA": ("RGBA", ORANGE),
}


@pytest.mark.parametrize(("mode", "expected"), MODES.values(), ids=MODES.keys())
def test_modes_become_rgb(mode, expected):
    picture = read_picture(encoded(PILImage.new("RGB", (200, 200), ORANGE).convert(mode)))
    assert picture.shape == (200, 200, 3)
    if expected:
        assert tuple(picture[5, 5]) == expected


def test_cmyk_jpeg_has_the_right_colours():
    picture = read_picture(encoded(PILImage.new("RGB", (200, 200), ORANGE).convert("CMYK"), "JPEG", quality=95))
    assert np.abs(picture[50, 50].astype(int) - ORANGE).max() < 8


def test_sixteen_bit_grey_is_scaled_not_clipped():
    values = np.linspace(0, 65535, 200 * 200).astype(np.uint16).reshape(200, 200)
    picture = read_picture(encoded(PILImage.fromarray(values)))
    assert picture[0, 0, 0] == 0
    assert picture[-1, -1, 0] == 255
    assert abs(int(picture[100, 0, 0]) - 127) <= 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparent_parts_lie_on_white(mode):
    picture = PILImage.new("RGBA", (200, 200), (0, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (100, 0, 200, 200))
    picture = picture.quantize() if mode == "PA" else picture.convert(mode)
    result = read_picture(encoded(picture))
    assert result[0, 0].max() == 0
    assert result[0, 150].min() == 255


def test_half_transparent_black_is_grey():
    assert abs(int(read_picture(encoded(PILImage.new("RGBA", (200, 200), (0, 0, 0, 128))))[0, 0, 0]) - 127) <= 1


def test_an_embedded_profile_is_converted_to_srgb():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    renamed = srgb.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    swapped = renamed.replace(b"rXYZ", b"----").replace(b"gXYZ", b"rXYZ").replace(b"----", b"gXYZ")
    red = PILImage.new("RGB", (200, 200), (200, 0, 0))
    assert tuple(read_picture(encoded(red, icc_profile=srgb))[0, 0]) == (200, 0, 0)
    assert np.abs(read_picture(encoded(red, icc_profile=swapped))[0, 0].astype(int) - (0, 200, 0)).max() < 4


@pytest.mark.parametrize("name", ["quadrants.heic", "quadrants_turned.heic"])
def test_heic_is_read_upright(name):
    """Both show red, green / blue, white quarters; the second is stored lying and says so."""
    picture = read_picture((Path(__file__).parent / "fixtures" / name).read_bytes())
    assert picture.shape == (240, 160, 3)
    colours = [picture[60, 40], picture[60, 120], picture[180, 40], picture[180, 120]]
    expected = [(220, 40, 40), (40, 180, 60), (40, 60, 200), (240, 240, 240)]
    assert np.abs(np.array(colours, int) - expected).max() < 12


def test_a_truncated_heic_is_refused():
    data = (Path(__file__).parent / "fixtures" / "quadrants.heic").read_bytes()
    with pytest.raises(Problem) as caught:
        read_picture(data[: len(data) - 100])
    assert caught.value.code is Code.UNSUPPORTED_IMAGE


@pytest.mark.parametrize("name", ["quadrants.heic", "quadrants_turned.heic"])
@pytest.mark.parametrize("filling", [b"\xff" * 40, bytes(40)], ids=["erased", "zeros"])
def test_a_heic_with_a_part_overwritten_is_refused(name, filling):
    data = (Path(__file__).parent / "fixtures" / name).read_bytes()
    middle = len(data) // 2
    with pytest.raises(Problem) as caught:
        read_picture(data[:middle] + filling + data[middle + len(filling) :])
    assert caught.value.code is Code.UNSUPPORTED_IMAGE


def test_a_broken_profile_is_passed_over():
    assert np.array_equal(read_picture(encoded(PILImage.fromarray(photo()), icc_profile=b"nonsense" * 30)), photo())


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_huge_photo_is_reduced_in_proportion(kind):
    limits = PictureLimits(whole_pixels=600_000, keep_pixels=500_000)
    picture = read_picture(encoded(PILImage.fromarray(photo(2000, 1000)), kind), limits)
    height, width = picture.shape[:2]
    assert width * height <= limits.keep_pixels
    assert abs(width / height - 2) < 0.01
    assert np.abs(picture[height // 2, width // 2].astype(int) - (127, 127, 127)).max() < 6


# --- geometry ---

sizes = st.tuples(st.integers(1, 6000), st.integers(1, 6000))


@given(size=sizes)
def test_a_placement_fits_touches_two_sides_and_keeps_the_aspect(size):
    placement = Placement.fit(*size)
    assert 0 <= placement.left <= placement.left + placement.width <= WIDTH
    assert 0 <= placement.top <= placement.top + placement.height <= HEIGHT
    assert placement.width == WIDTH or placement.height == HEIGHT
    scale = min(WIDTH / size[0], HEIGHT / size[1])
    assert abs(placement.width - size[0] * scale) < 1
    assert abs(placement.height - size[1] * scale) < 1


@given(size=sizes, point=st.tuples(st.floats(-100, 7000), st.floats(-100, 7000)))
def test_points_go_there_and_back(size, point):
    placement = Placement.fit(*size)
    there = placement.to_normalised(np.array(point))
    assert np.allclose(placement.to_original(there), point, atol=1e-6)
    assert Placement.model_validate_json(placement.model_dump_json()) == placement


@given(size=sizes)
def test_the_photo_s_corners_are_the_rectangle_s(size):
    placement = Placement.fit(*size)
    corners = placement.to_normalised(np.array([[-0.5, -0.5], [size[0] - 0.5, size[1] - 0.5]]))
    expected = [
        [placement.left - 0.5, placement.top - 0.5],
        [placement.left + placement.width - 0.5, placement.top + placement.height - 0.5],
    ]
    assert np.allclose(corners, expected)


@settings(max_examples=25, deadline=None)
@given(size=st.tuples(st.integers(128, 1500), st.integers(128, 1500)), kind=st.sampled_from(PictureKind))
def test_normalised_pictures_have_the_size_and_show_the_photo(size, kind):
    normalised, placement = normalise(photo(*size), kind)
    assert normalised.shape == (HEIGHT, WIDTH, 3)
    shown = placement.crop(normalised)
    middle = shown[shown.shape[0] // 2, shown.shape[1] // 2].astype(int)
    assert np.abs(middle - (127, 127, 127)).max() < 6


def test_a_disc_stays_round():
    y, x = np.mgrid[0:500, 0:1100]
    disc = np.repeat((((x - 550) ** 2 + (y - 250) ** 2) < 200**2)[..., None] * np.uint8(255), 3, axis=2)
    normalised, placement = normalise(disc)
    inside = placement.crop(normalised)[..., 0] > 127
    assert abs(np.ptp(np.flatnonzero(inside.any(0))) - np.ptp(np.flatnonzero(inside.any(1)))) <= 1


def test_padding_ends_in_the_background_even_where_something_is_cut():
    cut = np.full((400, 700, 3), 220, np.uint8)
    cut[:, 300:400] = 20  # leaves the frame above and below
    normalised, placement = normalise(cut)
    assert np.all(normalised[0] >= 215)
    assert np.all(normalised[-1] >= 215)
    seam = normalised[placement.top - 1 : placement.top + 1, 384].astype(int)
    assert abs(seam[0] - seam[1]).max() < 30


def test_a_garment_s_padding_has_one_colour():
    garment = np.full((500, 200, 3), 255, np.uint8)
    garment[:, :3] = 200  # a shadow at one side only
    normalised, _ = normalise(garment, PictureKind.GARMENT)
    assert np.array_equal(normalised[500, 0], normalised[500, -1])


@settings(max_examples=20, deadline=None)
@given(size=st.tuples(st.integers(300, 1600), st.integers(300, 1600)), corner=st.integers(200, 500))
def test_a_result_laid_back_changes_only_what_it_changed(size, corner):
    original = photo(*size)
    person, placement = normalise(original)
    result = person.copy()
    result[corner : corner + 200, corner : corner + 100] = (0, 250, 0)
    changed = changed_mask(person, result)
    full = lay_back(original, result, placement, changed)
    assert full.shape == original.shape
    low, high = placement.to_original(np.array([[corner - 5, corner - 5], [corner + 105, corner + 205]], float))
    x, y = np.arange(size[0]), np.arange(size[1])
    outside = np.ones(original.shape[:2], bool)
    outside[np.ix_((y >= low[1]) & (y <= high[1]), (x >= low[0]) & (x <= high[0]))] = False
    assert np.array_equal(full[outside], original[outside])
    cx, cy = np.rint(placement.to_original(np.array([corner + 50.0, corner + 100.0]))).astype(int)
    if 0 <= cx < size[0] and 0 <= cy < size[1]:
        assert tuple(full[cy, cx]) == (0, 250, 0)


def test_no_change_gives_the_original():
    original = photo(500, 400)
    person, placement = normalise(original)
    assert np.array_equal(lay_back(original, person, placement, changed_mask(person, person)), original)


def test_changed_mask_ignores_noise_and_closes_holes():
    person = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    result = person + np.uint8(2)
    result[300:500, 300:500] = 10
    result[400:402, 400:402] = 100  # by chance the same colour
    result[50, 50] = 0  # a lone pixel
    changed = changed_mask(person, result)
    assert np.flatnonzero(changed.any(1)).tolist() == list(range(300, 500))
    assert changed[300:500, 300:500].all()


# --- PNG ---


def test_png_round_trips():
    picture = photo()
    assert np.array_equal(decode_png(encode_png(picture)), picture)
    mask = photo()[..., 0] > 100
    assert np.array_equal(decode_mask(encode_mask(mask)), mask * np.uint8(255))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), classes=st.integers(1, 20))
def test_the_index_of_a_label_png_is_the_label(seed, classes):
    labels = np.random.default_rng(seed).integers(0, classes, (160, 130), np.uint8)
    data = encode_labels(labels)
    assert np.array_equal(decode_labels(data), labels)
    with PILImage.open(io.BytesIO(data)) as picture:
        assert picture.mode == "P"
        assert data[24] == 8  # bit depth in IHDR: readers of raw rows expect bytes
        assert picture.getpalette()[: CIHP_PALETTE.size] == CIHP_PALETTE.ravel().tolist()
        assert np.array_equal(np.asarray(picture), labels)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (encoded(PILImage.new("RGB", (200, 200))), Code.INVALID_REQUEST),
        (encoded(PILImage.new("L", (200, 200), 20)), Code.INVALID_REQUEST),
        (b"no picture", Code.UNSUPPORTED_IMAGE),
        (JPEG, Code.UNSUPPORTED_IMAGE),
        (bomb(), Code.IMAGE_TOO_LARGE),
    ],
    ids=["colours", "label 20", "text", "jpeg", "bomb"],
)
def test_label_maps_that_are_none(data, code):
    with pytest.raises(Problem) as caught:
        decode_labels(data)
    assert caught.value.code is code


def test_encoded_pngs_hold_nothing_but_the_picture():
    data, kinds, at = encode_png(photo()), [], 8
    while at < len(data):
        kinds.append(data[at + 4 : at + 8])
        at += 12 + struct.unpack(">I", data[at : at + 4])[0]
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}
