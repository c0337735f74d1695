"""One synthetic listing photo with its labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vf_synthetic.listing import arrange, camera, others, props
from vf_synthetic.listing.arrange import Laid
from vf_synthetic.listing.backgrounds import ground
from vf_synthetic.listing.bottoms import bottom
from vf_synthetic.listing.canvas import Canvas, Placement, cast_shadow, paint
from vf_synthetic.listing.cloth import Wardrobe, creases, wardrobe
from vf_synthetic.listing.pattern import Ink, Move, Panel, Pattern, Point, mirror
from vf_synthetic.listing.uppers import upper
from vf_synthetic.noise import FloatArray
from vfkit.contracts.garment import GarmentKind, GarmentLandmark, GarmentView, PhotoKind

SIZE = (288, 384)
"""Width and height of a photo unless another is asked for."""
Choice = TypeVar("Choice", GarmentKind, PhotoKind)
KINDS, PHOTOS, VIEWS = tuple(GarmentKind), tuple(PhotoKind), tuple(GarmentView)
GARMENTS = tuple(kind for kind in GarmentKind if kind not in {GarmentKind.OTHER, GarmentKind.SEVERAL})
ABSENT, HIDDEN, VISIBLE = 0, 1, 2
"""A landmark's visibility: not on this garment, on it but covered or out of the picture, seen."""


@dataclass(frozen=True)
class ListingSample:
    """A listing photo and its labels.

    `picture` (H, W, 3) uint8 RGB; `parts` (H, W) uint8, of `GarmentPart`; `landmarks` (20, 3) float32, in the order of
    `GarmentLandmark`: x and y in pixels and the visibility (`ABSENT`, `HIDDEN`, `VISIBLE`); `kind`, `photo` and `view`
    are places in `KINDS`, `PHOTOS` and `VIEWS`.

    A photo of the kind other or several has no landmarks. Several garments have their parts; hats, shoes and bags are
    background. No garment is folded.
    """

    picture: NDArray[np.uint8]
    parts: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    kind: int
    photo: int
    view: int


KIND_SHARES = {
    GarmentKind.TOP: 0.34,
    GarmentKind.OUTERWEAR: 0.14,
    GarmentKind.DRESS: 0.15,
    GarmentKind.TROUSERS: 0.14,
    GarmentKind.SHORTS: 0.09,
    GarmentKind.SKIRT: 0.09,
    GarmentKind.OTHER: 0.08,
}
_FOLDS = {"left_sleeve": 1, "right_sleeve": 2, "inside": 3, "tag": 3}
"""Which view of the field of creases a group has: its folds do not go on over its edges."""
PHOTO_SHARES = {PhotoKind.FLAT: 0.66, PhotoKind.HANGER: 0.26, PhotoKind.MANNEQUIN: 0.04, PhotoKind.WORN: 0.04}


def sample(seed: int, size: tuple[int, int] = SIZE, backgrounds: Sequence[Path] = ()) -> ListingSample:
    """A random listing photo of `size` (width, height); the same seed gives the same sample.

    `backgrounds` are files with pictures of surroundings, some of which the photo then shows. Raises ValueError when
    one of them cannot be read.
    """
    rng = np.random.default_rng(seed)
    kind = _draw(KIND_SHARES, rng)
    if kind is GarmentKind.OTHER:
        return _anything(size, backgrounds, rng)
    photo = _draw(PHOTO_SHARES, rng)
    view = GarmentView.BACK if rng.random() < 0.14 else GarmentView.FRONT
    return _garment(kind, photo, view, size, backgrounds, rng)


def _draw(shares: dict[Choice, float], rng: np.random.Generator) -> Choice:
    """A key by its share."""
    p = np.array(list(shares.values()))
    return list(shares)[rng.choice(len(p), p=p / p.sum())]


@dataclass(frozen=True)
class Subject:
    """A thing to photograph.

    The order of painting: what lies `around` it, its inside, what is `behind` its front, its front, what is `over` it.
    """

    laid: Laid
    behind: Sequence[Panel] = ()
    over: Sequence[Panel] = ()
    around: Sequence[Panel] = ()

    @property
    def everything(self) -> list[Panel]:
        """All panels from bottom to top."""
        return [*self.around, *self.laid.inside, *self.behind, *self.laid.panels, *self.over]

    def moved(self, move: Move) -> Subject:
        """The same thing elsewhere."""
        behind, over, around = ([p.moved(move) for p in panels] for panels in (self.behind, self.over, self.around))
        return Subject(self.laid.moved(move), behind, over, around)


def _garment(
    kind: GarmentKind,
    photo: PhotoKind,
    view: GarmentView,
    size: tuple[int, int],
    files: Sequence[Path],
    rng: np.random.Generator,
) -> ListingSample:
    """One garment before a background."""
    subject = _dressed(_pattern(kind, view, rng), photo, rng)
    place = _placed(subject, photo, size, rng)
    clothes = wardrobe(rng, place.scale, kind)
    canvas, light = _scene(size, place.scale, photo, files, clothes if rng.random() < 0.15 else None, rng)
    _paint_subject(canvas, subject, place, clothes, photo, light, rng)
    return _labelled(
        camera.develop(canvas, light, rng), canvas.parts, _landmarks(canvas, subject.laid, place), kind, photo, view
    )


def _labelled(
    picture: NDArray[np.uint8],
    parts: NDArray[np.uint8],
    landmarks: NDArray[np.float32],
    kind: GarmentKind,
    photo: PhotoKind,
    view: GarmentView,
) -> ListingSample:
    """A sample with its choices as numbers."""
    return ListingSample(picture, parts, landmarks, KINDS.index(kind), PHOTOS.index(photo), VIEWS.index(view))


def _pattern(kind: GarmentKind, view: GarmentView, rng: np.random.Generator) -> Pattern:
    """A random garment of a kind."""
    return (
        upper(kind, view, rng)
        if kind in {GarmentKind.TOP, GarmentKind.OUTERWEAR, GarmentKind.DRESS}
        else bottom(kind, view, rng)
    )


def _scene(
    size: tuple[int, int],
    scale: float,
    photo: PhotoKind,
    files: Sequence[Path],
    like: Wardrobe | None,
    rng: np.random.Generator,
) -> tuple[Canvas, FloatArray]:
    """A background to paint on, about as light and coloured as what is `like` it, and the direction of the light."""
    surface = ground(rng, (size[1], size[0]), scale, photo, files)
    if like is not None:
        surface = surface.tinted(like.fabrics[Ink.MAIN].mean, rng.uniform(0.6, 1.0))
    return Canvas.on(surface), camera.sun(rng)


def _anything(size: tuple[int, int], files: Sequence[Path], rng: np.random.Generator) -> ListingSample:
    """What is no single garment: another thing, an empty room, several garments."""
    photo = PhotoKind.FLAT
    what = rng.choice(["thing", "room", "several"], p=[0.6, 0.12, 0.28])
    subjects: list[tuple[Subject, Placement]] = []
    if what == "thing":
        subject = Subject(Laid([], others.other(rng), {}))
        subjects.append((subject, _placed(subject, photo, size, rng)))
    elif what == "several":
        photo = _draw(PHOTO_SHARES | {PhotoKind.WORN: 0.0, PhotoKind.MANNEQUIN: 0.0}, rng)
        for area in _areas(size, rng):
            subject = _dressed(_pattern(GARMENTS[rng.integers(len(GARMENTS))], GarmentView.FRONT, rng), photo, rng)
            subjects.append((subject, _placed(subject, photo, size, rng, area)))
    scale = subjects[0][1].scale if subjects else size[0] * rng.uniform(0.2, 0.5)
    canvas, light = _scene(size, scale, photo, files, None, rng)
    for subject, place in subjects:
        _paint_subject(canvas, subject, place, wardrobe(rng, place.scale, GarmentKind.OTHER), photo, light, rng)
    none = np.zeros((len(GarmentLandmark), 3), np.float32)
    picture = camera.develop(canvas, light, rng)
    kind = GarmentKind.SEVERAL if what == "several" else GarmentKind.OTHER
    return _labelled(picture, canvas.parts, none, kind, photo, GarmentView.FRONT)


def _areas(size: tuple[int, int], rng: np.random.Generator) -> list[FloatArray]:
    """Where in the picture several garments lie: boxes (x, y, width, height) that may overlap a little."""
    w, h = size
    count = int(rng.choice([2, 3, 4], p=[0.6, 0.25, 0.15]))
    columns = 1 if count == 2 and rng.random() < 0.5 else 2
    rows = -(-count // columns)
    cells = [(x, y) for y in range(rows) for x in range(columns)][:count]
    loose = rng.uniform(0.9, 1.15)
    return [np.array([x * w / columns, y * h / rows, w / columns * loose, h / rows * loose]) for x, y in cells]


def _dressed(pattern: Pattern, photo: PhotoKind, rng: np.random.Generator) -> Subject:
    """The garment laid out, with what is inside it and over it, mirrored if it is a back view."""
    sleeves = arrange.sleeve_poses(pattern, photo, rng)
    creased = [replace(p, marks=[*p.marks, *arrange.body_folds(pattern, photo, rng)]) for p in pattern.body]
    legs = arrange.leg_poses(photo, rng)
    limbs = [
        replace(m, marks=[*m.marks, *arrange.body_folds(pattern, photo, rng)]) if m.cap is not None else m
        for m in pattern.limbs
    ]
    laid = arrange.lay(replace(pattern, body=creased, limbs=limbs), arrange.posed(pattern, sleeves, legs), rng)
    behind: list[Panel] = []
    over: list[Panel] = []
    if photo is PhotoKind.HANGER:
        behind, over = props.hanger(pattern, rng)
        if GarmentLandmark.LEFT_NECK in pattern.points:
            laid = laid.moved(arrange.sag(pattern.hang[0][0] * rng.uniform(0.8, 1.1), rng.uniform(0.1, 0.7)))
    elif photo is PhotoKind.MANNEQUIN:
        behind = props.mannequin(pattern, rng)
    elif photo is PhotoKind.WORN:
        behind, over = props.person(pattern, sleeves, rng)
    if rng.random() < (0.16 if photo is PhotoKind.HANGER else 0.07):
        over = [*over, *props.tag(pattern, rng)]
    around = props.surroundings([*laid.panels, *behind], photo, rng)
    subject = Subject(laid, behind, over, around)
    return subject.moved(mirror) if pattern.view is GarmentView.BACK else subject


def _placed(
    subject: Subject, photo: PhotoKind, size: tuple[int, int], rng: np.random.Generator, area: FloatArray | None = None
) -> Placement:
    """Warps a thing and fits it into the picture or an area of it (x, y, width, height), tilted and in perspective."""
    held = subject.behind if photo is PhotoKind.HANGER else ()
    points = np.concatenate([p.outline for p in (*subject.laid.inside, *held, *subject.laid.panels)])
    corner, room = (np.zeros(2), np.array(size)) if area is None else (area[:2], area[2:])
    low, high = points.min(0), points.max(0)
    flat = photo is PhotoKind.FLAT
    warp = arrange.smooth_warp(
        rng, low, high, rng.uniform(0.002, 0.03 if flat else 0.01), rng.uniform(0.001, 0.01 if flat else 0.005)
    )
    tilt = _tilt(photo, rng)
    a = np.deg2rad(tilt)
    spin = np.array([(np.cos(a), -np.sin(a)), (np.sin(a), np.cos(a))])
    turned = points @ spin.T
    extent = np.ptp(turned, axis=0)
    least, most = ((0.78, 0.99), (0.5, 0.78), (0.99, 1.3))[rng.choice(3, p=[0.72, 0.18, 0.1])]
    fill = rng.uniform(least, most)
    scale = fill * min(room / extent)
    slack = np.maximum(room - extent * scale, 8.0) / 2
    middle = corner + room / 2 + np.clip(rng.normal(0, 0.4, 2), -0.9, 0.9) * slack
    matrix = np.eye(3)
    matrix[:2, :2] = spin * scale
    matrix[:2, 2] = middle - (turned.min(0) + extent / 2) * scale
    lean = np.eye(3)
    lean[2, :2] = np.clip(rng.normal(0, 0.12, 2), -0.3, 0.3) / np.array(size)
    centre = np.array([(1, 0, size[0] / 2), (0, 1, size[1] / 2), (0, 0, 1.0)])
    return Placement(warp, centre @ lean @ np.linalg.inv(centre) @ matrix)


def _tilt(photo: PhotoKind, rng: np.random.Generator) -> float:
    """How far the garment is turned on the picture, degrees."""
    if photo is not PhotoKind.FLAT:
        return float(rng.choice([rng.normal(0, 3), rng.normal(90, 4), rng.normal(-90, 4)], p=[0.95, 0.025, 0.025]))
    return float(rng.choice([rng.normal(0, 5), rng.uniform(-45, 45), rng.choice([-90, 90]) + rng.normal(0, 7),
                             180 + rng.normal(0, 10)], p=[0.76, 0.13, 0.07, 0.04]))  # fmt: skip


def _paint_subject(
    canvas: Canvas,
    subject: Subject,
    place: Placement,
    clothes: Wardrobe,
    photo: PhotoKind,
    light: FloatArray,
    rng: np.random.Generator,
) -> None:
    """Paints a thing with what holds it, and its shadow."""
    scale = place.scale
    shape = canvas.parts.shape
    units = place.units(shape)
    amount = rng.uniform(0.3, 1.5) if photo is PhotoKind.FLAT else rng.uniform(0.15, 0.9)
    folds = creases(rng, shape, scale, amount)
    views = [folds, folds[::-1], folds[:, ::-1], folds[::-1, ::-1]]
    deep = rng.uniform(0.02, 0.06) if photo is PhotoKind.FLAT else rng.uniform(0.05, 0.25)
    fall = -light[:2] / light[2] * deep * scale
    everything = subject.everything
    cast_shadow(canvas, everything, place, fall, (0.02 + deep) * scale, rng.uniform(0.2, 0.55))
    for panel in everything:
        view = _FOLDS.get(panel.group.removesuffix("_end"), 0)
        paint(canvas, panel, place, units, clothes, views[view], rng)


def _landmarks(canvas: Canvas, laid: Laid, place: Placement) -> NDArray[np.float32]:
    """The named points in pixels; those that another layer covers are hidden."""
    result = np.zeros((len(GarmentLandmark), 3), np.float32)
    for name, point in laid.points.items():
        x, y = place(point.place[None])[0]
        result[name] = (x, y, VISIBLE if point.seen and _seen(canvas, point, x, y, place.scale) else HIDDEN)
    return result


def _seen(canvas: Canvas, point: Point, x: float, y: float, scale: float) -> bool:
    """Whether the picture shows cloth that the point belongs to close to it."""
    h, w = canvas.parts.shape
    if not (0 <= x < w and 0 <= y < h):
        return False
    reach = max(1, round(0.02 * scale))
    row, column = int(y), int(x)
    near = canvas.owner[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1]
    own = [canvas.owners.index(g) for g in point.groups if g in canvas.owners]
    return bool(np.isin(near, own).any())
