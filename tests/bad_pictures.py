"""Files that a fitting cannot use, made here; the people among them are cut from the sample photo."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image as PILImage
from PIL import ImageDraw


def encode(picture: PILImage.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def landscape() -> bytes:
    """Hills under a sky with a sun."""
    height, width = 1024, 768
    rows = np.linspace(0, 1, height)[:, None, None]
    sky = (np.array([90, 150, 220]) * (1 - rows) + np.array([230, 225, 200]) * rows).astype(np.uint8)
    picture = PILImage.fromarray(np.broadcast_to(sky, (height, width, 3)).copy())
    draw = ImageDraw.Draw(picture)
    draw.ellipse((560, 100, 660, 200), fill=(255, 240, 180))
    for base, colour, phase in ((560, (110, 140, 110), 0.0), (680, (80, 120, 70), 2.0), (800, (50, 90, 40), 4.0)):
        ridge = [(x, base + 60 * np.sin(x / 120 + phase) + 25 * np.sin(x / 37 + phase)) for x in range(width)]
        draw.polygon([*ridge, (width, height), (0, height)], fill=colour)
    return encode(picture, quality=92)


def cat() -> bytes:
    """A drawn cat, sitting, from the front."""
    picture = PILImage.new("RGB", (768, 1024), (222, 214, 200))
    draw = ImageDraw.Draw(picture)
    fur, dark, pink = (150, 118, 84), (70, 50, 36), (220, 150, 150)
    draw.ellipse((210, 480, 560, 960), fill=fur)
    draw.ellipse((520, 800, 700, 900), fill=fur)
    draw.ellipse((240, 240, 530, 530), fill=fur)
    for left in (True, False):
        ear = [(260, 320), (270, 160), (360, 260)] if left else [(510, 320), (500, 160), (410, 260)]
        draw.polygon(ear, fill=fur, outline=dark)
        x = 320 if left else 450
        draw.ellipse((x - 26, 340, x + 26, 390), fill=(180, 200, 90), outline=dark)
        draw.ellipse((x - 7, 342, x + 7, 388), fill=(10, 10, 10))
        for y in (430, 445, 460):
            draw.line((385, y, 180 if left else 590, y - 15), fill=(240, 240, 235), width=2)
        draw.ellipse((290 if left else 400, 880, 370 if left else 480, 960), fill=fur, outline=dark)
    draw.polygon([(372, 420), (398, 420), (385, 436)], fill=pink)
    return encode(picture, quality=92)


def plain_wall() -> bytes:
    """One colour."""
    return encode(PILImage.new("RGB", (768, 1024), (214, 210, 204)))


def part(person: bytes, top: float, bottom: float = 1.0) -> bytes:
    """The person's photo between two heights (shares of it), its sides cut to keep the aspect of 3 to 4."""
    with PILImage.open(io.BytesIO(person)) as picture:
        height = (bottom - top) * picture.height
        width = min(picture.width, height * 3 / 4)
        left = (picture.width - width) / 2
        box = (int(left), int(top * picture.height), int(left + width), int(bottom * picture.height))
        return encode(picture.crop(box), quality=95)


def only_legs(person: bytes) -> bytes:
    return part(person, top=0.55)


def head_and_shoulders(person: bytes) -> bytes:
    return part(person, top=0.0, bottom=0.3)


def cut_above_the_hips(person: bytes) -> bytes:
    """As wide as the photo was, so that the gateway pads it below, where a pose network guesses the hips."""
    with PILImage.open(io.BytesIO(person)) as picture:
        return encode(picture.crop((0, 0, picture.width, int(0.38 * picture.height))), quality=95)


def cropped_head(person: bytes) -> bytes:
    """Cut at the mouth, as catalogue photos are."""
    return part(person, top=0.1)


def two_people(person: bytes) -> bytes:
    """The same person twice, side by side."""
    with PILImage.open(io.BytesIO(person)) as picture:
        both = PILImage.new("RGB", (picture.width * 2, picture.height))
        both.paste(picture, (0, 0))
        both.paste(picture, (picture.width, 0))
    return encode(both, quality=92)


def one_before_the_other(person: bytes) -> bytes:
    """The same person twice, the second a little to the right and before the first."""
    with PILImage.open(io.BytesIO(person)) as picture:
        left, right = (round(share * picture.width) for share in (0.25, 0.75))
        middle = picture.crop((left, 0, right, picture.height))
        picture.paste(middle, (left + round(0.27 * picture.width), 0))
        return encode(picture, quality=92)


def with_somebody_small(person: bytes) -> bytes:
    """The person, and herself at 45 % beside her."""
    with PILImage.open(io.BytesIO(person)) as picture:
        left, right = (round(share * picture.width) for share in (0.3, 0.7))
        body = picture.crop((left, 0, right, picture.height))
        small = body.resize((round(body.width * 0.45), round(body.height * 0.45)))
        picture.paste(small, (picture.width - small.width, picture.height - small.height))
        return encode(picture, quality=92)


def behind_a_table(person: bytes) -> bytes:
    """The person, with a plank before her legs."""
    with PILImage.open(io.BytesIO(person)) as picture:
        picture.paste((120, 85, 55), (0, round(0.58 * picture.height), picture.width, picture.height))
        return encode(picture, quality=92)


def upside_down(person: bytes) -> bytes:
    """The person, head down."""
    with PILImage.open(io.BytesIO(person)) as picture:
        return encode(picture.transpose(PILImage.Transpose.ROTATE_180), quality=92)


def two_garments(one: bytes, other: bytes) -> bytes:
    """Two listing photos beside each other."""
    photos = [PILImage.open(io.BytesIO(photo)).resize((576, 768)) for photo in (one, other)]
    picture = PILImage.new("RGB", (1200, 800), (250, 250, 250))
    for photo, left in zip(photos, (10, 610), strict=True):
        picture.paste(photo, (left, 16))
    return encode(picture)


def one_pixel() -> bytes:
    return encode(PILImage.new("RGB", (1, 1)), "PNG")


def huge() -> bytes:
    """12,000 x 9,000 pixels, one colour."""
    return encode(PILImage.new("L", (12_000, 9_000), 128), "JPEG")


def text() -> bytes:
    return b"This is not a picture, whatever its name says.\n" * 40


def truncated(person: bytes) -> bytes:
    return person[: len(person) // 2]


def png_bomb() -> bytes:
    """A PNG of 30,000 x 30,000 black pixels in about 100 kB."""
    side = 30_000

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    line = b"\0" * (1 + side // 8)  # one bit per pixel, so that the file stays small and the picture does not
    data = b"".join(packer.compress(line) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def animated_gif() -> bytes:
    frames = [PILImage.new("RGB", (400, 400), colour) for colour in ("red", "green", "blue")]
    return encode(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
