"""People of the samples: body, face, hair, clothes, pose and framing; and how they become a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from vf_synthetic import body as bodies
from vf_synthetic import clothes, hair, paint, shade
from vf_synthetic.body import BaseMesh, Pose, PosedBody
from vf_synthetic.mesh import IntArray, Piece, Surface, cut, normals, surface
from vf_synthetic.noise import FloatArray
from vf_synthetic.paint import Attributes, Paint
from vf_synthetic.raster import Camera, see

WIDTH, HEIGHT = 768, 1024
EYE_DISTANCE = 62.0  # decimetres from the camera to the person: a studio's short telephoto
BACKDROP_SHRINK = 4  # the backdrop is smooth: it is lit at a quarter of the picture's size
HIDDEN_MARGIN = 0.28  # rest decimetres of skin kept below a garment's edge


@dataclass(frozen=True)
class Garment:
    """One garment: which helper mesh, its edges, how loosely it hangs and how it is painted."""

    keep: clothes.Keep
    paint: Paint
    offset: float
    ease: float = 0.0
    slope: float = 0.3
    flare: float = 0.0
    sleeve_ease: float = 0.0
    folds: float = 0.05
    smoothing: int = 4
    shape: clothes.Shape = clothes.Shape.TOP
    hides_skin: bool = True


@dataclass(frozen=True)
class Person:
    """Everything a picture of one person needs. `frame`: the heights of the picture's bottom and top,
    as parts of the person's height. `turned`: degrees that the person turns to her left; 180 shows her back."""

    targets: Mapping[str, float]
    pose: Pose
    face: paint.Face
    style: hair.Style
    garments: tuple[Garment, ...]
    frame: tuple[float, float] = (-0.05, 1.05)
    backdrop: tuple[float, float, float] = (0.62, 0.63, 0.65)
    turned: float = 0.0


@dataclass(frozen=True)
class Layer:
    """A piece to draw, and its paint."""

    piece: Piece
    paint: Paint


def render(base: BaseMesh, person: Person, seed: int, supersample: int = 2, scale: float = 1.0) -> NDArray[np.uint8]:
    """The picture (1024 * scale, 768 * scale, 3) uint8 of a person before a studio backdrop."""
    rng = np.random.default_rng(seed)
    layers = dressed(base, person, rng)
    scene = _joined([layer.piece for layer in layers])
    ground, crown = float(scene.points[:, 1].min()), float(scene.points[:, 1].max())
    low, high = (ground + part * (crown - ground) for part in person.frame)
    width, height = int(WIDTH * scale), int(HEIGHT * scale)
    eye = np.array([0.0, (low + high) / 2, EYE_DISTANCE], np.float32)
    camera = Camera(eye, EYE_DISTANCE, height * supersample / (high - low), width * supersample, height * supersample)
    maps = [shade.shadow_map(lamp, scene.points, scene.triangles) for lamp in shade.studio()]
    colour, covered = _figure(layers, scene, camera, maps, rng)
    backdrop = _backdrop(ground, person.backdrop, camera, maps, rng)
    backdrop = ndimage.zoom(backdrop, (camera.height / backdrop.shape[0], camera.width / backdrop.shape[1], 1), order=1)
    picture = colour * covered[..., None] + backdrop * (1 - covered[..., None])
    small = picture.reshape(height, supersample, width, supersample, 3).mean((1, 3))
    return (_developed(small) * 255 + 0.5).astype(np.uint8)


def dressed(base: BaseMesh, person: Person, rng: np.random.Generator) -> list[Layer]:
    """All layers of a person."""
    shaped = bodies.shaped(base, person.targets)
    rest = base.vertices
    limbs = [
        base.bone_weight("upperarm", "lowerarm", "hand", "thumb", "index", "middle", "ring", "pinky"),
        base.bone_weight("thigh", "calf", "foot", "ball"),
    ]
    figure = Figure(base, shaped, bodies.posed(base, shaped, person.pose), np.concatenate([rest, *limbs], 1))
    layers = [_garment_layer(figure, garment, k) for k, garment in enumerate(person.garments)]
    skin_layer, naked = _skin(figure, person)
    eyes = surface(np.concatenate([base.quads["helper-l-eye"], base.quads["helper-r-eye"]]), len(rest), 1)
    eye_piece = Piece(eyes.carry(figure.posed.points), eyes.triangles, {"rest": eyes.carry(rest)})
    turn = _about_the_vertical(person.turned)
    hair_layer = _hair(figure, person, naked, turn, rng)
    body = [skin_layer, Layer(eye_piece, paint.eyes(person.face)), *layers]
    return [*(replace(layer, piece=_turned_piece(layer.piece, turn)) for layer in body), hair_layer]


def _about_the_vertical(degrees: float) -> FloatArray:
    """(3, 3) rotation."""
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]], np.float32)


def _turned_piece(piece: Piece, turn: FloatArray) -> Piece:
    """A piece with its points and normals turned."""
    attributes = dict(piece.attributes)
    if "normal" in attributes:
        attributes["normal"] = attributes["normal"] @ turn.T
    return Piece(piece.points @ turn.T, piece.triangles, attributes)


@dataclass(frozen=True)
class Figure:
    """A body on its way to a picture: the base mesh, its vertices shaped at rest and posed, and `attributes` (V, 5) of
    the base vertices: rest coordinates, arm weight, leg weight."""

    base: BaseMesh
    shaped: FloatArray
    posed: PosedBody
    attributes: FloatArray


def _place(attributes: FloatArray) -> clothes.Place:
    """Where carried attributes (V, 5) are on the body."""
    return clothes.place(attributes[:, :3], attributes[:, 3], attributes[:, 4])


def _skin(figure: Figure, person: Person) -> tuple[Layer, Surface]:
    """The skin that clothes leave bare, and the whole skin's surface."""
    base = figure.base
    whole = surface(base.quads["body"], len(base.vertices), 1)
    at = _place(whole.carry(figure.attributes))
    points = whole.carry(figure.posed.points)
    hairline = hair.scalp(at.rest, whole.carry(base.mask("ears"))[:, 0])
    piece = Piece(
        points,
        whole.triangles,
        {
            "rest": at.rest,
            "lips": whole.carry(base.mask("lips")),
            "hairline": hairline[:, None],
            "normal": normals(points, whole.triangles),
        },
    )
    bare = np.min([HIDDEN_MARGIN - g.keep(at) for g in person.garments if g.hides_skin], axis=0)
    return Layer(cut(piece, bare.astype(np.float32)), paint.skin(person.face)), whole


def _garment_layer(figure: Figure, garment: Garment, seed: int) -> Layer:
    """A garment: hung at rest, posed with the body, smoothed, folded, lifted off the skin and cut."""
    sheet = surface(figure.base.quads[garment.shape.mesh], len(figure.shaped), 2)
    at = _place(sheet.carry(figure.attributes))
    rest_points = sheet.carry(figure.shaped)
    moved = np.zeros_like(rest_points)
    for tube, strength in clothes.tubes(garment.shape, at):
        moved += clothes.hung(rest_points, tube, garment.ease, garment.slope, garment.flare) * strength[:, None]
    # The displacement, made at rest, follows the body through the pose by each vertex's turn.
    points = sheet.carry(figure.posed.points) + _turned(figure, sheet, moved)
    points = clothes.smoothed(points, sheet.triangles, garment.smoothing)
    lift = garment.offset + garment.sleeve_ease * np.clip(at.along * 2.2, 0, 1) * (at.arm > 0.3)
    points = points + normals(points, sheet.triangles) * lift[:, None].astype(np.float32)
    points = clothes.folded(points, at, sheet.triangles, garment.folds, 17 + 10 * seed)
    keep = garment.keep(at)
    piece = Piece(
        points,
        sheet.triangles,
        {
            "rest": at.rest,
            "along": at.along[:, None],
            "edge": keep[:, None],
            "normal": normals(points, sheet.triangles),
        },
    )
    return Layer(cut(piece, keep), garment.paint)


def _turned(figure: Figure, sheet: Surface, moved: FloatArray) -> FloatArray:
    """Rest displacements (V, 3) turned with the bones that carry their vertices."""
    base = figure.base
    turns = np.stack([figure.posed.turned[bone] for bone in base.bones]).reshape(len(base.bones), 9)
    blended = sheet.carry(base.weights @ turns).reshape(-1, 3, 3)
    return np.einsum("vij,vj->vi", blended, moved).astype(np.float32)


def _hair(figure: Figure, person: Person, whole: Surface, facing: FloatArray, rng: np.random.Generator) -> Layer:
    """Hair grown on the body at rest, carried to the pose by the head bone and turned with the person."""
    base, posed = figure.base, figure.posed
    rest = whole.carry(base.vertices)
    place = list(base.bones).index("head")
    head_now = bodies.joint_places(base, figure.shaped)[place]
    shift = bodies.joint_places(base, base.vertices)[place] - head_now
    points = (whole.carry(figure.shaped) + shift).astype(np.float32)
    out = normals(points, whole.triangles)
    hairline = hair.scalp(rest, whole.carry(base.mask("ears"))[:, 0])
    strands = hair.grow(person.style, hair.Head(points, out, hairline, whole.triangles), rng)
    turn = posed.turned["head"]
    strands = (strands - shift - head_now) @ turn.T + posed.heads["head"]
    centre = posed.heads["head"] + turn @ np.array([0.0, 0.75, 0.2])
    strands, centre = strands @ facing.T, facing @ centre
    piece = hair.ribbons(strands.astype(np.float32), centre, person.style.width, rng)
    return Layer(piece, paint.strands(person.face.hair))


@dataclass(frozen=True)
class Scene:
    """All layers' points (V, 3) and triangles (T, 3), and each layer's first triangle (layers + 1,)."""

    points: FloatArray
    triangles: IntArray
    first: IntArray


def _joined(pieces: list[Piece]) -> Scene:
    """The pieces as one scene."""
    offsets = np.cumsum([0, *(len(p.points) for p in pieces)])
    triangles = np.concatenate([p.triangles + offset for p, offset in zip(pieces, offsets[:-1], strict=True)])
    first = np.cumsum([0, *(len(p.triangles) for p in pieces)])
    return Scene(np.concatenate([p.points for p in pieces]), triangles, first)


def _figure(
    layers: list[Layer],
    scene: Scene,
    camera: Camera,
    maps: list[shade.ShadowMap],
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """The person's linear colour (H, W, 3) and coverage (H, W)."""
    seen = see(scene.points, scene.triangles, camera)
    colour = np.zeros((camera.height * camera.width, 3), np.float32)
    covered = np.zeros(camera.height * camera.width, np.float32)
    for number, layer in enumerate(layers):
        first, after = scene.first[number : number + 2]
        mine = (seen.triangle >= first) & (seen.triangle < after)
        corners = layer.piece.triangles[seen.triangle[mine] - first]
        weights = seen.weights[mine][..., None].astype(np.float32)
        place = (layer.piece.points[corners] * weights).sum(1)
        at: Attributes = {name: (v[corners] * weights).sum(1) for name, v in layer.piece.attributes.items()}
        normal = at.get("normal")
        if normal is None:
            normal = (normals(layer.piece.points, layer.piece.triangles)[corners] * weights).sum(1)
        normal = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
        view = camera.eye - place
        view /= np.linalg.norm(view, axis=1, keepdims=True)
        away = (normal * view).sum(1) < 0
        at["back"] = away[:, None].astype(np.float32)
        coat = layer.paint(at)
        if coat.tangent is None:
            normal = np.where(away[:, None], -normal, normal)
        colour[seen.pixel[mine]] = shade.lit(shade.Spot(place, normal, view), coat, maps, rng)
        covered[seen.pixel[mine]] = 1.0
    return colour.reshape(camera.height, camera.width, 3), covered.reshape(camera.height, camera.width)


def _backdrop(
    ground: float,
    colour: tuple[float, float, float],
    camera: Camera,
    maps: list[shade.ShadowMap],
    rng: np.random.Generator,
) -> FloatArray:
    """A seamless paper backdrop, its floor curving up into the wall, (H, W, 3) linear at a smaller size."""
    small = replace(
        camera,
        scale=camera.scale / BACKDROP_SHRINK,
        width=camera.width // BACKDROP_SHRINK,
        height=camera.height // BACKDROP_SHRINK,
    )
    profile = _cove(ground)
    across = np.array([-60.0, 60.0], np.float32)
    sheet = np.stack(
        [np.repeat(across[None], len(profile), 0)] + [np.repeat(profile[:, k : k + 1], 2, 1) for k in (0, 1)], -1
    )
    vertices = sheet.reshape(-1, 3).astype(np.float32)
    k = np.arange(len(profile) - 1) * 2
    faces = np.concatenate([np.stack([k, k + 1, k + 3], -1), np.stack([k, k + 3, k + 2], -1)])
    seen = see(vertices, faces, small)
    place = (vertices[faces[seen.triangle]] * seen.weights[..., None]).sum(1).astype(np.float32)
    normal = (normals(vertices, faces)[faces[seen.triangle]] * seen.weights[..., None]).sum(1)
    normal = np.where(normal[:, 2:] + normal[:, 1:2] < 0, -normal, normal)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    # Paper glows evenly: its own facing matters less than the shadows on it.
    light = sum(m.lamp.colour * m.seen(place, normal.astype(np.float32), rng)[:, None] for m in maps)
    out = np.zeros((small.height * small.width, 3), np.float32)
    out[seen.pixel] = np.array(colour, np.float32) * light / sum(m.lamp.colour for m in maps)
    image = out.reshape(small.height, small.width, 3)
    y, x = np.mgrid[: small.height, : small.width]
    vignette = 1 - 0.22 * (((x / small.width - 0.5) * 1.5) ** 2 + ((y / small.height - 0.42) * 1.1) ** 2)
    return ndimage.gaussian_filter(image, (2.5, 3.5, 0)) * vignette[..., None].astype(np.float32)


def _cove(ground: float) -> FloatArray:
    """The backdrop's section, (N, 2) of y and z: floor to the front, a quarter circle of 6 dm, wall."""
    angle = np.linspace(0, np.pi / 2, 24)
    bend = np.stack([ground + 6 - 6 * np.cos(angle), -34 - 6 * np.sin(angle)], -1)
    return np.concatenate([[[ground, 30.0]], bend, [[ground + 60, -40.0]]]).astype(np.float32)


def _developed(linear: FloatArray) -> FloatArray:
    """Linear light to sRGB in [0, 1], with a shoulder so that highlights do not clip hard."""
    x = np.clip(linear, 0, None)
    x = np.where(x < 0.7, x, 0.7 + 0.3 * (1 - np.exp(-(x - 0.7) / 0.3)))
    return np.clip(np.where(x < 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055), 0, 1)


def standing(
    arms: float = 0.2, elbows: float = 0.12, feet: float = 0.35, head: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> Pose:
    """Upright, arms `arms` (sideways a unit down) from the body, forearms a little forward, toes turned out."""
    aim: dict[str, tuple[float, float, float]] = {}
    turn: dict[str, tuple[float, float, float]] = {}
    face: dict[str, tuple[float, float, float]] = {"head": head, "neck_01": (0.0, 0.5 * head[1], 0.0)}
    for side, sign in (("l", 1.0), ("r", -1.0)):
        aim[f"upperarm_{side}"] = (sign * arms, -1.0, -0.04)
        aim[f"lowerarm_{side}"] = (sign * arms * 0.6, -1.0, elbows)
        aim[f"thigh_{side}"] = (sign * 0.07, -1.0, 0.02)
        aim[f"calf_{side}"] = (sign * 0.05, -1.0, -0.05)
        face[f"foot_{side}"] = (0.0, sign * feet, 0.0)
        for finger in ("index", "middle", "ring", "pinky"):
            for joint in ("01", "02", "03"):
                turn[f"{finger}_{joint}_{side}"] = (0.0, 0.0, -sign * 0.18)
    return Pose(aim, turn, face)
