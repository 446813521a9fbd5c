"""The corruptions live with the benchmarks, which the wheel holds; training only uses them."""

from segtool.evaluation.corruption import VARIANTS

__all__ = ["VARIANTS"]
