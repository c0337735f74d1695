"""What garments lie on and hang before: sheets, carpets, planks, tiles, doors, walls, and pieces of real photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_synthetic.listing import cloth
from vf_synthetic.listing.designs import dye, linear
from vf_synthetic.listing.fields import noise
from vf_synthetic.noise import FloatArray
from vfkit.contracts.garment import PhotoKind

REAL_SHARE = 0.6  # how often a real background is taken where there are any


@dataclass(frozen=True)
class Ground:
    """A background: linear `colour` (H, W, 3) and its `height` (H, W) in pixels, both float32."""

    colour: FloatArray
    height: FloatArray

    def tinted(self, colour: FloatArray, share: float) -> Ground:
        """The same background, its mean moved to a linear colour (3,) by a share."""
        mean = np.maximum(self.colour[::4, ::4].mean((0, 1)), 0.01)
        gain = (np.clip(colour, 0.01, 0.9) / mean) ** share
        return Ground(np.minimum(self.colour * gain.astype(np.float32), 1.0), self.height)


def ground(
    rng: np.random.Generator, shape: tuple[int, int], scale: float, photo: PhotoKind, files: Sequence[Path]
) -> Ground:
    """A random background (H, W); `scale` pixels are a garment unit (about half a metre)."""
    if files and rng.random() < REAL_SHARE:
        return _real(rng, shape, files[int(rng.integers(len(files)))])
    if photo is PhotoKind.FLAT:
        makers: list[_Maker] = [_sheet, _bedspread, _carpet, _planks, _tiles, _table]
        share = [0.33, 0.17, 0.14, 0.2, 0.08, 0.08]
    else:
        makers = [_wall, _door, _curtain, _planks, _sheet]
        share = [0.5, 0.24, 0.08, 0.1, 0.08]
    first = makers[rng.choice(len(makers), p=share)](rng, shape, scale)
    if rng.random() < 0.18:
        return _joined(rng, first, makers[rng.choice(len(makers), p=share)](rng, shape, scale), scale)
    return first


_Maker = Callable[[np.random.Generator, tuple[int, int], float], Ground]


def _joined(rng: np.random.Generator, below: Ground, above: Ground, scale: float) -> Ground:
    """The edge of a bed or rug, or where the floor meets the wall."""
    h, w = below.height.shape
    side = rng.integers(4)
    depth = rng.uniform(0.05, 0.22)
    tilt = rng.uniform(-0.06, 0.06)
    far = [(-w, -h), (2 * w, -h), (2 * w, h * (depth + tilt)), (-w, h * (depth - tilt))]
    points = np.array(far)
    if side == 1:
        points[:, 1] = h - points[:, 1]
    elif side >= 2:
        points = points[:, ::-1] * (w / h, h / w)
        if side == 3:
            points[:, 0] = w - points[:, 0]
    mask = np.zeros((h, w), np.uint8)
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    share = mask.astype(np.float32) / 255
    shadow = 1 - 0.4 * cv2.blur(share, (int(0.08 * scale) | 1,) * 2) * (1 - share)
    colour = (below.colour * (1 - share)[..., None] + above.colour * share[..., None]) * shadow[..., None]
    return Ground(colour, below.height * (1 - share) + above.height * share)


def _real(rng: np.random.Generator, shape: tuple[int, int], file: Path) -> Ground:
    """A crop of a real photo's surroundings."""
    picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{file} is not a picture that can be read")
    picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    h, w = shape
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
    if rng.random() < 0.25:
        picture = picture[::-1]
    zoom = max(h / picture.shape[0], w / picture.shape[1]) * rng.uniform(1.0, 1.5)
    large = cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR)
    y = rng.integers(0, max(1, large.shape[0] - h + 1))
    x = rng.integers(0, max(1, large.shape[1] - w + 1))
    crop = cv2.resize(np.ascontiguousarray(large[y : y + h, x : x + w]), (w, h))
    return Ground(_LINEAR[crop], np.zeros(shape, np.float32))


_LINEAR = ((np.arange(256) / 255.0) ** 2.2).astype(np.float32)


def background_patches(photo: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Pictures of what surrounds the garment of a listing photo (H, W, 3) uint8.

    Garments seldom reach a photo's border, so strips along it (a sixth of its side) show mostly the background. Those
    whose colour changes evenly along their length are completed to (H, W, 3) uint8 by shifted and mirrored copies that
    blend into each other. The list is empty where every strip shows something else.
    """
    h, w = photo.shape[:2]
    dh, dw = max(8, h // 6), max(8, w // 6)
    upright = photo.transpose(1, 0, 2)
    strips = [
        (photo[:dh], h, False),
        (photo[h - dh :], h, False),
        (upright[:dw], w, True),
        (upright[w - dw :], w, True),
    ]
    rng = np.random.default_rng(0)
    patches = []
    for strip, length, turned in strips:
        if _even(strip):
            patch = _spread(strip, length, rng)
            patches.append(np.ascontiguousarray(patch.transpose(1, 0, 2) if turned else patch))
    return patches


def _even(strip: NDArray[np.uint8]) -> bool:
    """Whether a strip (d, n, 3) shows one thing all along: its colour follows a straight line."""
    means = (
        cv2.resize(strip, (12, 2), interpolation=cv2.INTER_AREA).astype(np.float64).transpose(1, 0, 2).reshape(12, -1)
    )
    at = np.arange(12.0)
    slope = np.polynomial.polynomial.polyfit(at, means, 1)
    return bool(np.abs(means - np.polynomial.polynomial.polyval(at, slope).T).max() < 25)


def _spread(strip: NDArray[np.uint8], length: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Rows (length, n, 3) made of copies of a strip (d, n, 3) that overlap by a third."""
    d, n = strip.shape[:2]
    lap = max(1, d // 3)
    total = np.zeros((length + d, n, 3), np.float32)
    weight = np.zeros((length + d, 1, 1), np.float32)
    ramp = np.clip(np.minimum(np.arange(1, d + 1), np.arange(d, 0, -1)) / lap, 0, 1).astype(np.float32)[:, None, None]
    for start in range(0, length, d - lap):
        copy = strip[::-1] if rng.random() < 0.5 else strip
        copy = np.concatenate([copy, copy[:, ::-1]], 1)
        copy = np.roll(copy, int(rng.integers(2 * n)), axis=1)[:, :n]
        total[start : start + d] += copy * ramp
        weight[start : start + d] += ramp
    return (total[:length] / weight[:length]).round().astype(np.uint8)


def _projected(rng: np.random.Generator, tile: FloatArray, shape: tuple[int, int], period: float, angle: float,
               tilt: float = 0.15) -> FloatArray:  # fmt: skip
    """A tile (n, n, C) seen on a plane: repeated every `period` pixels, turned by `angle`, in perspective."""
    h, w = shape
    n = tile.shape[0]
    a = np.deg2rad(angle)
    flat = np.array([(np.cos(a), -np.sin(a), 0), (np.sin(a), np.cos(a), 0), (0, 0, 1)]) @ np.diag(
        [n / period, n / period, 1]
    )
    lean = np.eye(3)
    lean[2, :2] = rng.uniform(-tilt, tilt, 2) / (w, h)
    centre = np.array([(1, 0, -w / 2), (0, 1, -h / 2), (0, 0, 1)])
    shift = np.array([(1, 0, rng.uniform(0, n)), (0, 1, rng.uniform(0, n)), (0, 0, 1)])
    matrix = shift @ flat @ lean @ centre
    return cv2.warpPerspective(
        tile, matrix, (w, h), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_WRAP
    )


def _cloth_ground(rng: np.random.Generator, shape: tuple[int, int], scale: float, plain: float, folds: float) -> Ground:
    """Cloth spread out: its colour seen on a plane, its folds."""
    f = cloth.fabric(rng, scale, plain)
    # Sheets and covers are seldom as loud as clothes.
    grey = f.tile.mean(-1, keepdims=True)
    tile = (grey + (f.tile - grey) * rng.uniform(0.15, 1.0)).astype(np.float32)
    colour = _projected(rng, tile, shape, max(12.0, scale * f.period * rng.uniform(0.8, 2.0)), rng.uniform(0, 360))
    return Ground(colour, cloth.creases(rng, shape, scale * rng.uniform(1.0, 2.5), folds))


def _sheet(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Ground:
    """A sheet or blanket, mostly plain, more or less smooth."""
    if rng.random() < 0.45:
        tone = rng.uniform(0.5, 0.9) * np.array([1.0, rng.uniform(0.93, 1.0), rng.uniform(0.82, 1.0)])
        colour = np.broadcast_to(tone.astype(np.float32), (*shape, 3)).copy()
        return Ground(colour, cloth.creases(rng, shape, scale * rng.uniform(0.8, 2.5), rng.uniform(0.3, 1.3)))
    return _cloth_ground(rng, shape, scale, 0.85, rng.uniform(0.2, 1.3))


def _bedspread(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Ground:
    """A patterned cover."""
    return _cloth_ground(rng, shape, scale * rng.uniform(1.0, 2.5), 0.0, rng.uniform(0.1, 0.6))


def _curtain(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Ground:
    """Hanging folds."""
    base = _cloth_ground(rng, shape, scale, 0.6, 0.3)
    wave = noise(rng, shape, scale * rng.uniform(0.1, 0.25), scale * 8, 90.0)
    return Ground(base.colour, base.height + wave * scale * 0.05)


def _carpet(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Ground:
    """Pile with or without an ornament."""
    n = 192
    if rng.random() < 0.5:
        colour = np.broadcast_to(dye(rng), (*shape, 3))
    else:
        f = cloth.fabric(rng, n, 0.0)
        colour = _projected(rng, f.tile, shape, scale * rng.uniform(0.6, 2.0), rng.uniform(0, 360))
    fine = max(1.2, scale * rng.uniform(0.012, 0.04))
    pile = noise(rng, shape, fine, angle=rng.uniform(0, 90)) + noise(rng, shape, fine * 1.6, angle=rng.uniform(0, 90))
    pile = 0.7 * pile + 0.4 * noise(rng, shape, scale * 0.2)
    strength = rng.uniform(0.15, 0.5)
    return Ground((colour * np.exp(strength * pile)[..., None]).astype(np.float32), pile * scale * 0.006)


def _planks(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Ground:
    """Laminate, floorboards or parquet."""
    n = 256
    tone = _wood(rng)
    herringbone = rng.random() < 0.2
    rows = int(rng.integers(2, 5))
    board = n // rows
    grain = cv2.resize(rng.normal(0, 1, (n // 2, 6)).astype(np.float32), (n, n), interpolation=cv2.INTER_CUBIC)
    grain += 0.7 * cv2.resize(rng.normal(0, 1, (n // 8, 3)).astype(np.float32), (n, n), interpolation=cv2.INTER_CUBIC)
    light = np.zeros((n, n), np.float32)
    joint = np.zeros((n, n), np.float32)
    for k in range(rows):
        at = int(rng.integers(0, n))
        light[k * board : (k + 1) * board] += rng.normal(0, 0.08)
        light[k * board : (k + 1) * board, at:] += rng.normal(0, 0.08)
        joint[k * board : k * board + 2] = 1
        joint[k * board : (k + 1) * board, at : at + 2] = 1
    tile = (
        tone
        * np.exp(light + rng.uniform(0.03, 0.12) * grain)[..., None]
        * (1 - rng.uniform(0.2, 0.75) * joint)[..., None]
    )
    angle = float(rng.choice([0.0, 90.0]) + rng.normal(0, 6)) if rng.random() < 0.75 else rng.uniform(0, 180)
    colour = _projected(rng, tile.astype(np.float32), shape, scale * rng.uniform(0.7, 1.4), angle, 0.35)
    if herringbone:
        other = _projected(rng, tile.astype(np.float32), shape, scale, angle + 90, 0.0)
        stripe = (np.sin(np.mgrid[: shape[0], : shape[1]][1] * (np.pi / (0.25 * scale))) > 0)[..., None]
        colour = np.where(stripe, colour, other)
    return Ground(colour, np.zeros(shape, np.float32))


def _wood(rng: np.random.Generator) -> FloatArray:
    """Pale oak to dark walnut, or grey."""
    tones = [
        (0.8, 0.62, 0.42),
        (0.62, 0.4, 0.22),
        (0.36, 0.2, 0.12),
        (0.85, 0.75, 0.6),
        (0.55, 0.52, 0.48),
        (0.9, 0.7, 0.35),
    ]
    return linear(tones[rng.integers(len(tones))]) * np.float32(rng.uniform(0.8, 1.2))


def _tiles(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Ground:
    """Floor tiles with joints."""
    n = 160
    tone = np.clip(np.array([0.7, 0.66, 0.6]) * rng.uniform(0.35, 1.25) * rng.uniform(0.9, 1.1, 3), 0, 0.9)
    tile = (
        np.broadcast_to(tone.astype(np.float32), (n, n, 3))
        * (1 + 0.06 * cv2.resize(rng.normal(0, 1, (9, 9)).astype(np.float32), (n, n), interpolation=cv2.INTER_CUBIC))[
            ..., None
        ]
    )
    wide = int(rng.integers(1, 5))
    joint = tone * (rng.uniform(0.25, 0.6) if rng.random() < 0.8 else 1.3)
    tile = tile.astype(np.float32)
    tile[:wide] = joint
    tile[:, :wide] = joint
    angle = rng.uniform(0, 90) if rng.random() < 0.5 else rng.normal(0, 5)
    return Ground(_projected(rng, tile, shape, scale * rng.uniform(0.5, 1.3), angle, 0.3), np.zeros(shape, np.float32))


def _table(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Ground:
    """An even surface, as studios have it."""
    tone = np.full(3, rng.uniform(0.75, 0.92)) if rng.random() < 0.6 else dye(rng)
    return Ground(np.broadcast_to(tone.astype(np.float32), (*shape, 3)).copy(), np.zeros(shape, np.float32))


def _wall(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Ground:
    """Paint, plaster or wallpaper."""
    if rng.random() < 0.25:
        f = cloth.fabric(rng, scale, 0.0)
        soft = cv2.GaussianBlur(f.tile, (0, 0), 1.0)
        tile = soft * 0.35 + 0.65 * soft.mean((0, 1))
        return Ground(
            _projected(rng, tile, shape, scale * rng.uniform(0.4, 1.2), rng.normal(0, 2), 0.05),
            np.zeros(shape, np.float32),
        )
    tone = np.clip(rng.uniform(0.25, 0.85) * np.array([1, rng.uniform(0.92, 1.02), rng.uniform(0.8, 1.05)]), 0, 0.9)
    if rng.random() < 0.12:
        tone = dye(rng)
    rough = 0.03 * noise(rng, shape, max(1.5, 0.02 * scale)) + 0.03 * noise(rng, shape, scale * 0.5)
    return Ground((tone * (1 + rough)[..., None]).astype(np.float32), np.zeros(shape, np.float32))


def _door(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Ground:
    """A door or wardrobe: panels with mouldings, a gap, a handle."""
    h, w = shape
    tone = np.full(3, rng.uniform(0.55, 0.88)) * (1, 0.98, 0.94) if rng.random() < 0.6 else _wood(rng)
    colour = np.broadcast_to(tone.astype(np.float32), (h, w, 3)).copy()
    if tone.max() < 0.5:
        colour *= np.exp(0.15 * noise(rng, shape, 0.03 * scale, 1.5 * scale, 90.0))[..., None]
    height = np.zeros(shape, np.float32)
    thick = max(1, round(0.03 * scale))
    x0, x1 = w * rng.uniform(-0.1, 0.25), w * rng.uniform(0.75, 1.1)
    y = h * rng.uniform(-0.5, 0.1)
    while y < h:
        tall = h * rng.uniform(0.35, 0.9)
        for inset, level in ((0, 0.03), (2, -0.03)):
            a = (int(x0 + inset * thick), int(y + inset * thick))
            b = (int(x1 - inset * thick), int(y + tall - inset * thick))
            cv2.rectangle(height, a, b, level * scale, thick, cv2.LINE_AA)
        y += tall + 0.12 * scale
    gap = int(w * (rng.uniform(0.0, 0.08) if rng.random() < 0.5 else rng.uniform(0.92, 1.0)))
    cv2.line(colour, (gap, 0), (gap, h), tuple(float(c) for c in tone * 0.15), max(1, thick // 2))
    if rng.random() < 0.4:
        at = (int(w * rng.choice([0.08, 0.92])), int(h * rng.uniform(0.4, 0.7)))
        metal = (0.3, 0.27, 0.2) if rng.random() < 0.5 else (0.4, 0.4, 0.42)
        cv2.line(
            colour,
            at,
            (at[0] + int(0.2 * scale * (1 if at[0] < w / 2 else -1)), at[1]),
            metal,
            max(2, thick),
            cv2.LINE_AA,
        )
    height = cv2.GaussianBlur(height, (0, 0), max(0.6, thick * 0.4))
    return Ground(colour, height)
