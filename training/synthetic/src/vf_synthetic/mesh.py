"""Triangle meshes: Catmull-Clark subdivision, normals, smoothing and cutting along a level set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vf_synthetic.noise import FloatArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Surface:
    """Part of the base mesh, subdivided.

    `weights` (V, base vertices) sparse: any attribute of the base vertices, multiplied by it, becomes one of this
    surface's vertices. `quads` (F, 4) index those.
    """

    weights: sp.csr_matrix
    quads: IntArray

    @property
    def triangles(self) -> IntArray:
        """(2F, 3): each quad as two triangles."""
        return np.concatenate([self.quads[:, [0, 1, 2]], self.quads[:, [0, 2, 3]]])

    def carry(self, attribute: NDArray[np.floating]) -> FloatArray:
        """A base attribute (base vertices, K) on this surface's vertices, (V, K)."""
        return np.asarray(self.weights @ attribute, np.float32)


@dataclass(frozen=True)
class Piece:
    """What the renderer draws: `points` (V, 3), `triangles` (T, 3) and per-vertex `attributes`, each (V, K)."""

    points: FloatArray
    triangles: IntArray
    attributes: dict[str, FloatArray]


def surface(quads: IntArray, base_count: int, levels: int) -> Surface:
    """The sub-mesh of `quads`, subdivided `levels` times by Catmull and Clark's rule (1978)."""
    used, local = np.unique(quads, return_inverse=True)
    local = local.reshape(quads.shape)
    weights = sp.csr_matrix((np.ones(len(used)), (np.arange(len(used)), used)), (len(used), base_count))
    for _ in range(levels):
        step, local = catmull_clark(local, weights.shape[0])
        weights = sp.csr_matrix(step @ weights)
    return Surface(weights, local)


def catmull_clark(quads: IntArray, count: int) -> tuple[sp.csr_matrix, IntArray]:
    """One subdivision of `quads` over `count` vertices: the matrix from old to new vertices, and the new quads.

    New vertices come in the order: moved old ones, edge points, face points. Boundary edges stay crisp curves.
    """
    faces = len(quads)
    ends = np.stack([quads, np.roll(quads, -1, 1)], -1).reshape(-1, 2)
    edges, edge_of, uses = np.unique(np.sort(ends, 1), axis=0, return_inverse=True, return_counts=True)
    edge_of = edge_of.reshape(faces, 4)
    face_ids = np.repeat(np.arange(faces), 4)
    face_point = _matrix(face_ids, quads.ravel(), 0.25, faces, count)
    middle = _matrix(np.repeat(np.arange(len(edges)), 2), edges.ravel(), 0.5, len(edges), count)
    edge_faces = _matrix(edge_of.ravel(), face_ids, 0.25, len(edges), faces)
    border = uses == 1
    edge_point = sp.diags((~border) * 1.0) @ (0.5 * middle + edge_faces @ face_point) + sp.diags(border * 1.0) @ middle
    moved = _moved_vertices(quads, edges, border, middle, face_point)
    matrix = sp.csr_matrix(sp.vstack([moved, edge_point, face_point]))
    face_corner = np.repeat((count + len(edges) + np.arange(faces))[:, None], 4, 1)
    new = np.stack([quads, count + edge_of, face_corner, count + np.roll(edge_of, 1, 1)], -1)
    return matrix, new.reshape(-1, 4)


def _moved_vertices(
    quads: IntArray,
    edges: IntArray,
    border: NDArray[np.bool_],
    middle: sp.csr_matrix,
    face_point: sp.csr_matrix,
) -> sp.csr_matrix:
    """Catmull-Clark's rule for the old vertices: (F + 2R + (n - 3)P) / n inside, a cubic spline on the border."""
    count = middle.shape[1]
    valence = np.maximum(np.bincount(edges.ravel(), minlength=count), 1)
    on_border = np.zeros(count, bool)
    on_border[edges[border].ravel()] = True
    vertex_faces = _matrix(quads.ravel(), np.repeat(np.arange(len(quads)), 4), 1.0, count, len(quads))
    vertex_edges = _matrix(edges.ravel(), np.repeat(np.arange(len(edges)), 2), 1.0, count, len(edges))
    identity = sp.identity(count)
    face_mean = _rows_normalised(vertex_faces) @ face_point
    edge_mean = _rows_normalised(vertex_edges) @ middle
    inner = sp.diags(1.0 / valence) @ (face_mean + 2 * edge_mean + sp.diags(valence - 3.0) @ identity)
    border_ids = np.flatnonzero(border)
    border_edges = _matrix(edges[border].ravel(), np.repeat(np.arange(len(border_ids)), 2), 1.0, count, len(border_ids))
    outer = 0.5 * identity + 0.5 * _rows_normalised(border_edges) @ middle[border_ids]
    return sp.csr_matrix(sp.diags((~on_border) * 1.0) @ inner + sp.diags(on_border * 1.0) @ outer)


def normals(points: FloatArray, triangles: IntArray) -> FloatArray:
    """Area-weighted unit vertex normals (V, 3)."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    total = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(face[:, k], 3), minlength=len(points)) for k in range(3)], -1
    )
    return (total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def neighbour_mean(triangles: IntArray, count: int) -> sp.csr_matrix:
    """The (V, V) matrix that replaces each vertex by the mean of its neighbours."""
    a = triangles[:, [0, 1, 2]].ravel()
    b = triangles[:, [1, 2, 0]].ravel()
    links = sp.csr_matrix((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, a])), (count, count))
    links.data[:] = 1.0
    return _rows_normalised(links)


def cut(piece: Piece, keep: FloatArray) -> Piece:
    """The part of a piece where `keep` (V,) is positive; triangles across the border are clipped there."""
    inside = keep[piece.triangles] > 0
    count = inside.sum(1)
    whole = piece.triangles[count == 3]
    new_points: list[tuple[IntArray, IntArray]] = []
    triangles = [whole]
    next_id = len(piece.points)
    for wanted in (1, 2):
        crossing = piece.triangles[count == wanted]
        if not len(crossing):
            continue
        # Turn each triangle so that its odd corner (the only one in, or the only one out) comes first.
        odd = np.argmax(inside[count == wanted] == (wanted == 1), axis=1)
        rows = np.arange(len(crossing))
        p, q, r = (crossing[rows, (odd + k) % 3] for k in range(3))
        pq = next_id + rows
        pr = next_id + len(rows) + rows
        new_points += [(p, q), (p, r)]
        next_id += 2 * len(rows)
        if wanted == 1:
            triangles.append(np.stack([p, pq, pr], -1))
        else:
            triangles += [np.stack([pq, q, r], -1), np.stack([pq, r, pr], -1)]
    a = np.concatenate([pair[0] for pair in new_points]) if new_points else np.zeros(0, np.int64)
    b = np.concatenate([pair[1] for pair in new_points]) if new_points else np.zeros(0, np.int64)
    t = (keep[a] / np.where(keep[a] == keep[b], 1, keep[a] - keep[b]))[:, None].astype(np.float32)

    def extended(values: FloatArray) -> FloatArray:
        return np.concatenate([values, values[a] * (1 - t) + values[b] * t])

    return Piece(
        extended(piece.points),
        np.concatenate(triangles),
        {name: extended(values) for name, values in piece.attributes.items()},
    )


def _matrix(rows: IntArray, columns: IntArray, value: float, height: int, width: int) -> sp.csr_matrix:
    """A sparse matrix with `value` at each (row, column)."""
    return sp.csr_matrix((np.full(len(rows), value), (rows, columns)), (height, width))


def _rows_normalised(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """The matrix with each row's sum made 1 (empty rows stay empty)."""
    total = np.asarray(matrix.sum(1)).ravel()
    return sp.csr_matrix(sp.diags(1.0 / np.maximum(total, 1e-12)) @ matrix)
