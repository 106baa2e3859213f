"""Percentiles and Markdown tables."""
from __future__ import annotations

import statistics


def percentile(values: list[float], rank: float) -> float:
    if len(values) < 2:
        return values[0] if values else 0.0
    return statistics.quantiles(values, n=100, method="inclusive")[round(rank) - 1]


def milliseconds(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


class Table:
    """Rows under a title; printed when it is complete."""

    def __init__(self, title: str, *columns: str) -> None:
        self.title = title
        self._rows = [list(columns)]

    def add(self, *cells: object) -> None:
        self._rows.append([str(cell) for cell in cells])

    def __str__(self) -> str:
        widths = [max(len(row[column]) for row in self._rows) for column in range(len(self._rows[0]))]
        lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in self._rows]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return f"### {self.title}\n\n" + "\n".join(lines) + "\n"
