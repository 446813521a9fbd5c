"""The sentence model: from labelled and raw corpora to the files in ``models/``.

The folder follows the data: ``pack`` (corpora to compact files), ``features`` (text to piece arrays),
``mixture`` (arrays to batches, corrupted on the way), ``network`` and ``learn`` (batches to weights),
``export`` (weights to ONNX), ``measure`` (weights to scores). ``python -m segtool.training.sentences``
runs them in this order.
"""
