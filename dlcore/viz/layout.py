"""Where to put the nodes of a graph so that every arrow points one way and few of them cross.

Source: Sugiyama, Tagawa & Toda (1981), Methods for Visual Understanding of Hierarchical System Structures.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise

import numpy as np

from dlcore.viz.plots import spread

Edge = tuple[Hashable, Hashable]


def ranks(nodes: Sequence[Hashable], edges: Sequence[Edge]) -> dict[Hashable, int]:
    """How many steps before the end each node must come; `nodes` are given with every consumer before its inputs.

    >>> ranks(["loss", "x"], [("x", "loss")])
    {'loss': 0, 'x': 1}
    """
    rank = dict.fromkeys(nodes, 0)
    consumers: dict[Hashable, list[Hashable]] = {node: [] for node in nodes}
    for source, target in edges:
        consumers[source].append(target)
    for node in nodes:
        rank[node] = max((rank[c] + 1 for c in consumers[node]), default=0)
    return rank


def layered(
    nodes: Sequence[Hashable], edges: Sequence[Edge], sweeps: int = 12
) -> tuple[dict[Hashable, tuple[float, float]], list[list[tuple[float, float]]]]:
    """Places of the nodes and the route of each edge: x is the step, y the place within a step, both in whole pitches.

    Args:
        nodes: every consumer before its inputs.
        edges: (source, target) pairs.
        sweeps: how often each step is arranged by where its neighbours are.

    Returns:
        node -> (x, y), and for each edge the points it runs through, from source to target.

    >>> layered(["loss", "w", "x"], [("w", "loss"), ("x", "loss")])[0]
    {'loss': (1.0, 0.0), 'w': (0.0, -0.5), 'x': (0.0, 0.5)}
    """
    rank = ranks(nodes, edges)
    depth = max(rank.values(), default=0)
    steps: list[list[Hashable]] = [[n for n in nodes if rank[n] == r] for r in range(depth + 1)]
    routes, links = [], []
    for number, (source, target) in enumerate(edges):
        bends = [("bend", number, r) for r in range(rank[source] - 1, rank[target], -1)]
        for bend in bends:
            steps[bend[2]].append(bend)
        routes.append([source, *bends, target])
        links += list(pairwise(routes[-1]))
    y = _heights(steps, links, sweeps)
    place = {n: (float(depth - r), y[n]) for r, step in enumerate(steps) for n in step}
    return {n: place[n] for n in nodes}, [[place[n] for n in route] for route in routes]


def _heights(steps: list[list[Hashable]], links: list[Edge], sweeps: int) -> dict[Hashable, float]:
    """Sweep to and fro; nodes move to the mean of their neighbours, then apart until they do not overlap."""
    near: dict[Hashable, list[Hashable]] = {n: [] for step in steps for n in step}
    for a, b in links:
        near[a].append(b)
        near[b].append(a)
    level = {n: r for r, step in enumerate(steps) for n in step}
    y = {n: i - (len(step) - 1) / 2 for step in steps for i, n in enumerate(step)}
    for sweep in range(sweeps):
        last = sweep >= sweeps - 2
        for r in range(len(steps)) if sweep % 2 == 0 else range(len(steps) - 1, -1, -1):
            step = steps[r]
            side = r - 1 if sweep % 2 == 0 else r + 1
            wanted = []
            for n in step:
                all_sides = near[n] if last else [m for m in near[n] if level[m] == side]
                wanted.append(float(np.mean([y[m] for m in all_sides])) if all_sides else y[n])
            y.update(zip(step, map(float, spread(np.array(wanted), 1.0)), strict=True))
    middle = (min(y.values(), default=0.0) + max(y.values(), default=0.0)) / 2
    return {n: round(v - middle, 6) for n, v in y.items()}
