"""A directed graph with its circles drawn together: what is in one circle reaches the same.

Tarjan's algorithm, without recursion, so that a chain may be of any length. Components come out sinks first.
"""

from __future__ import annotations

from collections.abc import Sequence


class Condensed:
    """Components of a graph that is given as the nodes after each node.

    ``component``: of each node. ``members``: of each component. ``circular``: whether a component reaches itself.
    What comes after a component has a smaller number.
    """

    def __init__(self, after: Sequence[Sequence[int]]) -> None:
        self.after = after
        self.component = [-1] * len(after)
        self.members: list[list[int]] = []
        self.circular: list[bool] = []
        self._number = [-1] * len(after)
        self._count = 0
        for node in range(len(after)):
            if self._number[node] < 0:
                self._visit(node)

    def _visit(self, root: int) -> None:
        number, component, after = self._number, self.component, self.after
        lowest: dict[int, int] = {}
        open_nodes: list[int] = []
        path: list[tuple[int, int]] = [(root, 0)]
        while path:
            node, at = path.pop()
            if at == 0:
                number[node] = lowest[node] = self._count
                self._count += 1
                open_nodes.append(node)
            nexts = after[node]
            while at < len(nexts):
                beyond = nexts[at]
                at += 1
                if number[beyond] < 0:
                    path.append((node, at))
                    path.append((beyond, 0))
                    break
                if component[beyond] < 0:
                    lowest[node] = min(lowest[node], number[beyond])
            else:
                if lowest[node] == number[node]:
                    self._close(node, open_nodes)
                if path:
                    parent = path[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[node])

    def _close(self, node: int, open_nodes: list[int]) -> None:
        """``node`` and the open nodes found after it are one component."""
        number = len(self.members)
        members = []
        while True:
            member = open_nodes.pop()
            self.component[member] = number
            members.append(member)
            if member == node:
                break
        self.members.append(members)
        self.circular.append(len(members) > 1 or node in self.after[node])
