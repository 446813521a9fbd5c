"""The public names, and that their examples are true."""

from __future__ import annotations

import doctest
import importlib

import pytest

import segtool

PUBLIC = {
    "Document",
    "Layer",
    "OutlineNode",
    "Segmentation",
    "SegtoolError",
    "Settings",
    "Span",
    "Unit",
    "load",
    "segment",
    "segment_all",
    "split",
}


def test_the_public_names_are_these() -> None:
    assert set(segtool.__all__) == PUBLIC
    assert set(dir(segtool)) >= PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_each_name_resolves_and_is_documented(name: str) -> None:
    assert getattr(segtool, name).__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        segtool.nonsense  # noqa: B018


@pytest.mark.parametrize("module", ["segtool.pipeline", "segtool.chunking", "segtool.loaders.text"])
def test_the_examples_are_true(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0
