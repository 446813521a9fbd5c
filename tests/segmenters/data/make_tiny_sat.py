"""Writes ``tiny_sat``: random weights in wtpsplit's layout, 48 tokens of look-ahead, a tokenizer of the text below.

python tests/segmenters/data/make_tiny_sat.py   (needs the extra ``train``)
"""

from __future__ import annotations

from pathlib import Path

from segtool.training.official_shape import Shape, write_random

TEXTS = [
    "The lease began on 1 May 2019. Dr. Hale signed it for the owner; Ms. Orr, the tenant, did so a day later.",
    "Was the roof mended? No! Rain came in, see § 4.2(b), and the court (Judge Lind) said so in its order.",
    "the tenant paid the rent in march and in april but not in may and the owner wrote to her twice",
    "Der Vertrag endet am 3. Juni. Die Mieterin zieht aus, wenn der Eigentümer die Kaution zurückzahlt.",
    "Le bail prend fin au mois de juin. « Qui paie ? » demanda-t-elle. Personne ne répondit.",
    "契約は五月に始まった。家主は雨漏りを直さなかった。借主は家賃を払うのをやめた。",
    "Договор начался в мае. Хозяин не починил крышу, и жилец перестал платить.",
]

if __name__ == "__main__":
    shape = Shape(vocab_size=260, hidden_size=24, num_attention_heads=2, intermediate_size=48)
    write_random(Path(__file__).parent / "tiny_sat", TEXTS, shape)
