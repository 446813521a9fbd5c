"""Training of the section model (topical change, numbering and form of paragraphs).

One command goes from the corpora to `models/topics`; see `docs/training.md`. The folder follows the data:
`corpus` (documents, split, pack) → `cache` (features as flat arrays) → `samples`, `batches` (random documents) →
`network` (the model) → `train` (the loop) → `export` (ONNX and int8 tables), with `teacher` and `evaluate` beside it.
"""
