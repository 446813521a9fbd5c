"""Measurement: boundaries against gold, and benchmarks in which peers run beside segtool's own models."""
