"""Trained weights to the shipped models: files, fitted parameters and cards of all forms.

Four forms share one folder of files: ``sentences`` (gate, then the full net where it is needed), ``sentences-full``
(the full net everywhere), ``sentences-fast`` (the small net everywhere) and ``sentences-gate`` (the gate alone).
``scan`` adds their first stage afterwards, and a fifth form.
"""

from __future__ import annotations

import dataclasses
import itertools
import logging
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from segtool.inference.card import CARD_NAME, Card, load_card
from segtool.training.sentences import export
from segtool.training.sentences import finish as fit
from segtool.training.sentences.bare_head import Seen, fit_head
from segtool.training.sentences.card import write_card
from segtool.training.sentences.graph import Weights
from segtool.training.sentences.measure import COURT
from segtool.training.sentences.network import N_HEADS, SHAPES, SIZE
from segtool.training.sentences.pack import MAIN_LANGUAGES, Record, read_pack

log = logging.getLogger(__name__)

NAME, ENCODERS = "sentences", ("encoder.onnx.gz", "fast.onnx.gz")
WINDOW, STRIDE = 256, 224
ENGLISH = 0.6
"""Threshold of English: hardly worse on dev than the best, and better on abbreviations (`english_traps.txt`)."""
ENGLISH_BARE = 0.35
"""The same of bare stretches: best on dev, and better than a lower one where clean text has such stretches."""
TREEBANK_WEIGHT = 4
"""How often English treebanks count in calibrating bare English: court decisions have four times as much text."""
BARE_HEADS = [*[0.0] * N_HEADS, 1.0]
"""Weights of the net's columns in bare stretches: the refitted layer, which comes last."""
ALWAYS = (-1000.0, 1000.0)
NEVER = (0.0, 0.0)
GATE_LIMITS = (-2.5, 4.0)
"""The net is asked where the gate's logit lies between these. Narrower is faster, wider nearer to the form that asks it
always; the gate is surer of ends than it should be, so the upper one is farther from 0."""


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """A shipped form: which encoder it asks, and between which logits of the gate."""

    name: str
    encoder: str
    limits: tuple[float, float]
    summary: str


FORMS = (
    Form(NAME, ENCODERS[0], GATE_LIMITS, "default: scan and gate decide what is sure, the full net the rest"),
    Form(f"{NAME}-full", ENCODERS[0], ALWAYS, "the full net at every place, beside the gate"),
    Form(f"{NAME}-fast", ENCODERS[1], ALWAYS, "the small net at every place, beside the gate"),
    Form(f"{NAME}-gate", ENCODERS[1], NEVER, "the gate alone; the small net where a text has no punctuation"),
)
TRAINING_DATA = [
    "sbd_adjudicatory_dec (US court and agency decisions, public domain; annotations CC-BY-4.0), VetClaims-JSON (MIT)",
    "sebischair legal-sbd, German (MIT); MultiLegalSBD es fr it pt (CC-BY-4.0)",
    "Universal Dependencies treebanks with licences that allow commercial use (CC-BY, CC-BY-SA and freer)",
    "NTREX-128, FLORES-200 (CC-BY-SA-4.0), TICO-19 (CC0-1.0)",
    "GUM (CC-BY, CC-BY-SA), CRAFT (CC-BY-3.0), NYTK-NerKor, WikipediaAnnotatedCorpus (CC-BY-SA-4.0)",
    "raw text without labels: statutes, contracts, terms, novels before 1925, documentation, news of US agencies"
    ", textbooks (public domain, CC0, CC-BY, CC-BY-SA, MIT, Apache-2.0), labelled by the net itself and its teachers",
    "all-MiniLM-L6-v2 (Apache-2.0), trained further, as a teacher of English: its answers, none of its weights",
]


def dev_records(packs: pathlib.Path) -> list[Record]:
    """All dev documents."""
    return [record for path in sorted(packs.glob("dev-*.pack")) for record in read_pack(path)]


def is_bare_test(record: Record) -> bool:
    """Whether a document belongs to the test without punctuation: UD of the main languages and court decisions."""
    court = record.source.startswith(COURT)
    return court or (record.group == "ud" and record.language in MAIN_LANGUAGES)


@dataclasses.dataclass(frozen=True, slots=True)
class Answers:
    """What one encoder and the gate say of the dev documents, clean, and bare those of that test."""

    clean: list[fit.Answer]
    bare: list[fit.Answer]

    def halves(self) -> tuple[Answers, Answers]:
        """The half that is for tuning, and the other."""
        clean, bare = fit.halves(self.clean), fit.halves(self.bare)
        return Answers(clean[0], bare[0]), Answers(clean[1], bare[1])


def asked(folder: pathlib.Path, encoder: str, records: Sequence[Record]) -> Answers:
    """Asks one encoder and the gate; bare text by the layer that was fitted for it."""
    prober = fit.Prober(folder, encoder, BARE_HEADS)
    clean = [prober.ask(record, "clean") for record in records]
    return Answers(clean, [prober.ask(record, "bare") for record in records if is_bare_test(record)])


def with_bare_heads(weights: Weights, folder: pathlib.Path, records: Sequence[Record]) -> dict[str, Any]:
    """The weights with a layer for bare text under every encoder, fitted to the tuning half.

    Args:
        folder: of graphs that also give what their heads see.
    """
    out = dict(weights)
    chosen = [record for record, first in zip(records, fit.firsts(records), strict=True) if first]
    for index in range(len(export.shapes_of(weights))):
        prober = fit.Prober(folder, ENCODERS[index])
        asked = itertools.chain(
            (prober.ask(record, "bare", keeps_columns=True) for record in chosen if is_bare_test(record)),
            (prober.ask(record, "clean", keeps_columns=True) for record in chosen),
        )
        seen = [
            Seen(a.columns, a.wide[a.bare], np.full(len(a.columns), a.record.language == "en"), a.gold[a.bare])
            for a in asked
            if a.bare.any()
        ]
        prefix = f"encoders.{index}"
        row, bias = (weights[f"{prefix}.heads.{name}"][0].astype(np.float32) for name in ("weight", "bias"))
        weight, shift = fit_head(Seen.joined(seen), row, float(bias))
        out |= {f"{prefix}.bare.weight": weight[None], f"{prefix}.bare.bias": np.array([shift], np.float32)}
    return out


def fitted(answers: Answers) -> dict[str, Any]:
    """Calibration and thresholds of one encoder, as card tables; lines of bare text come from the other half."""
    half, rest = answers.halves()
    parameters = calibration(half.clean, (*rest.bare, *rest.clean))
    chances = {id(a): fit.calibrated(a, parameters) for a in (*half.clean, *half.bare)}
    low = fit.best_bare(half.bare, chances)
    found = fit.Thresholds(fit.best_general(half.clean, chances, low), low, {"en": ENGLISH})
    single = [a for a in half.clean if a.record.group == "ud"]
    languages = fit.by_language([single], chances, found, is_bare=False, gain=0.003)
    found = dataclasses.replace(found, languages={"en": ENGLISH, **languages})
    found = dataclasses.replace(found, bare_languages={"en": ENGLISH_BARE})
    singles = fit.by_language([single], chances, found, is_bare=True, gain=0.004)
    singles |= fit.by_language([half.bare, half.clean], chances, found, is_bare=True, gain=0.004)
    thresholds = {
        "general": found.general,
        "bare": low,
        "languages": found.languages,
        "bare_languages": {"en": ENGLISH_BARE, **singles},
    }
    return {"thresholds": thresholds, "parameters": parameters}


def curve(answers: Answers, tables: Mapping[str, Any]) -> None:
    """Logs what each limit of the gate costs: how often the net is asked, F1, agreement with asking it always."""
    thresholds = fit.Thresholds(**tables["thresholds"])
    groups = fit.measures(answers.clean)
    always = {id(a): fit.calibrated(a, tables["parameters"]) for a in answers.clean}
    limits = {id(a): thresholds.of(a) for a in answers.clean}
    for low, high in (NEVER, (-1.0, 1.0), (-2.0, 2.0), (-3.0, 3.0), GATE_LIMITS, (-4.0, 4.0), ALWAYS):
        chances = {id(a): fit.calibrated(a, tables["parameters"], (low, high)) for a in answers.clean}
        share = np.mean(np.concatenate([(a.gate > low)[~a.bare] & (a.gate < high)[~a.bare] for a in answers.clean]))
        same = sum(int(((chances[i] >= t) & (always[i] >= t)).sum()) for i, t in limits.items())
        either = sum(int((chances[i] >= t).sum() + (always[i] >= t).sum()) for i, t in limits.items())
        figures = {name: round(fit.macro(rows, chances, thresholds), 4) for name, rows in groups.items()}
        log.info(
            "gate limits %.1f, %.1f: asks %.4f, agrees %.5f, %s", low, high, share, 2 * same / max(1, either), figures
        )


def bare_line(items: Sequence[fit.Answer]) -> list[float]:
    """Scale of the net in bare stretches, what a wide gap adds, and a shift."""
    return fit.fit_logits((((a.net[a.bare], a.wide[a.bare]), a.gold[a.bare]) for a in items), 1, 1)


def calibration(clean: Sequence[fit.Answer], fresh: Sequence[fit.Answer]) -> dict[str, Any]:
    """Weights and shifts of logits: net and gate together, net on bare text, the gate where it is sure and alone.

    Bare English has its own: it had a teacher that other languages had not, and the net is surer of it than it says.

    Args:
        clean: documents for tuning.
        fresh: documents that have not fitted the layer for bare text, which is too sure of those that have.
    """
    low, high = GATE_LIMITS
    pairs = [(a, ~a.bare, ((a.gate <= low) | (a.gate >= high)) & ~a.bare) for a in clean]
    scale, mix, shift = fit.fit_logits((((a.net[p], a.gate[p]), a.gold[p]) for a, p, _ in pairs), 2)
    bare_scale, bare_wide, bare_shift = bare_line(fresh)
    english = [a for a in fresh if a.record.language == "en"]
    treebanks = [a for a in english if a.record.group == "ud"] * (TREEBANK_WEIGHT - 1)
    english_scale, english_wide, english_shift = bare_line((*english, *treebanks))
    gate_scale, gate_shift = fit.fit_logits((((a.gate[s],), a.gold[s]) for a, _, s in pairs), 1)
    alone_scale, alone_shift = fit.fit_logits((((a.gate[p],), a.gold[p]) for a, p, _ in pairs), 1)
    return {
        "scale": scale,
        "shift": shift,
        "gate_mix": mix,
        "bare_scale": bare_scale,
        "bare_shift": bare_shift,
        "bare_wide": bare_wide,
        "bare_lines": {"en": [english_scale, english_shift, english_wide]},
        "gate_scale": gate_scale,
        "gate_shift": gate_shift,
        "alone_scale": alone_scale,
        "alone_shift": alone_shift,
    }


def fields_of(name: str, shape: str, remark: str, tables: Mapping[str, Any], version: str) -> dict[str, Any]:
    """The keys of a card."""
    return {
        "name": name,
        "version": version,
        "task": "sentence",
        "summary": remark,
        "architecture": f"{shape}: {SHAPES[shape]} over hashed pieces (65,536 rows of {SIZE}, four a piece)",
        "languages": ["mul"],
        "licence": "Apache-2.0",
        "source": "segtool.training.sentences",
        "training_data": TRAINING_DATA,
        "window": WINDOW,
        "stride": STRIDE,
        "opset": 17,
        "precision": "int8",
        **tables,
    }


def bench(name: str, variant: str, measure: str) -> str:
    """The command that gives a macro F1 again; of bare text by language the mean is that of the card's languages."""
    files, rows = "{legal,ud,other}", "--by standard"
    if measure == "ud-english":
        files, rows = "ud", "--by lang --lang en"
    elif variant == "bare" and measure != "court":
        files, rows = ("ud", "--by lang") if measure == "ud" else (files, "--by lang --lang en")
    return f"segtool bench sentences DIR/sentences/dev/{files}.jsonl.zst {rows} --corrupt {variant} --model {name}"


def scores(name: str, answers: Answers, tables: Mapping[str, Any], limits: tuple[float, float]) -> list[dict[str, Any]]:
    """Rows of measured figures: macro F1 of each measure, clean and bare, and the calibration error."""
    thresholds = fit.Thresholds(**tables["thresholds"])
    rows = []
    for variant, items in (("clean", answers.clean), ("bare", answers.bare)):
        chances = {id(a): fit.calibrated(a, tables["parameters"], limits) for a in items}
        for measure, groups in named_groups(items, variant).items():
            figures = {"macro_f1": round(fit.macro(groups, chances, thresholds), 4), "groups": len(groups)}
            figures["calibration_error"] = round(fit.calibration_error(groups, chances), 4)
            rows.append(
                {
                    "data": f"sentences/dev {variant} {measure}",
                    "figures": figures,
                    "command": bench(name, variant, measure),
                }
            )
            log.info("%s %s %s", variant, measure, figures)
    return rows


def named_groups(items: Sequence[fit.Answer], variant: str) -> dict[str, dict[str, list[fit.Answer]]]:
    """The measures of cards: court, legal and other by source, ud by language, English of all files, UD's English."""
    rows = fit.measures(items)
    rows["court"] = fit.by((a for a in items if a.record.source.startswith(COURT)), "source")
    rows["english"] = {"en": [a for a in items if a.record.language == "en"]}
    rows["ud-english"] = {"en": [a for a in items if a.record.group == "ud" and a.record.language == "en"]}
    if variant == "bare":
        rows = {name: rows[name] for name in ("court", "ud", "english", "ud-english")}
    return {name: groups for name, groups in rows.items() if groups and any(groups.values())}


def publish(weights: pathlib.Path, packs: pathlib.Path, out: pathlib.Path, version: str = "1.0.0") -> None:
    """Writes the models of all ``FORMS`` to ``out``."""
    arrays: Weights = export.load_weights(weights)
    shapes = export.shapes_of(arrays)
    encoders = ENCODERS[: len(shapes)]
    folder = out / NAME
    older = {f.name: load_card(out / f.name) for f in FORMS if (out / f.name / CARD_NAME).exists()}
    files = [export.TABLE, export.TABLES, *encoders, export.GATE]
    records = dev_records(packs)
    tuned = [record for record in records if record.group in ("legal", "ud", "other")]
    neutral = {"thresholds": {"general": 0.4}, "parameters": {"encoder": ENCODERS[0]}}
    draft = fields_of(NAME, shapes[0], "draft", neutral, version)
    for has_bare in (False, True):
        if has_bare:
            arrays = with_bare_heads(arrays, folder, tuned)
        export.export(arrays, folder, list(encoders), hidden=not has_bare)
        write_card(folder, draft, files, [])
    answers = {encoder: asked(folder, encoder, tuned) for encoder in ENCODERS}
    tables = {encoder: fitted(found) for encoder, found in answers.items()}
    curve(answers[ENCODERS[0]], tables[ENCODERS[0]])
    for form in FORMS:
        log.info("%s", form.name)
        rows = scores(form.name, answers[form.encoder], tables[form.encoder], form.limits)
        write_form(out, form, shapes, files, tables, version, rows, older.get(form.name))


KEPT = ("scan", "narrow", "wide_window", "limits", "paragraph", "gate_low", "gate_high", "gate_s")
"""Beginnings of a card's numbers that come from later commands: a new card keeps the older one's until they are run."""


def keep(card: Card, fields: Mapping[str, Any], files: list[str]) -> list[str]:
    """Puts the numbers of an older card that come from other commands into the new one's fields; its files."""
    for table in ("thresholds", "parameters"):
        kept = {key: value for key, value in card.data.get(table, {}).items() if key.startswith(KEPT)}
        fields[table].update(kept)
    scan = [file.path for file in card.files if file.path.startswith("scan")]
    return sorted({*files, *scan})


def write_form(
    out: pathlib.Path,
    form: Form,
    shapes: Sequence[str],
    files: list[str],
    tables: Mapping[str, Mapping[str, Any]],
    version: str,
    rows: Sequence[Mapping[str, Any]] = (),
    older: Card | None = None,
) -> None:
    """Writes the card of one form; the first form owns the files."""
    given = dict(tables[form.encoder]["parameters"])
    parameters: dict[str, Any] = {
        "encoder": form.encoder,
        "bare_heads": BARE_HEADS,
        **({} if form.name == NAME else {"base": NAME}),
    }
    parameters |= {
        key: given[key] for key in ("scale", "shift", "gate_mix", "bare_scale", "bare_shift", "bare_wide", "bare_lines")
    }
    thresholds = dict(tables[form.encoder]["thresholds"])
    kind = "alone" if form.limits == NEVER else "gate"
    parameters |= {"gate": export.GATE, "gate_low": form.limits[0], "gate_high": form.limits[1]}
    parameters |= {"gate_scale": given[f"{kind}_scale"], "gate_shift": given[f"{kind}_shift"]}
    fields = fields_of(
        form.name,
        shapes[ENCODERS.index(form.encoder)],
        form.summary,
        {"thresholds": thresholds, "parameters": parameters},
        version,
    )
    (out / form.name).mkdir(exist_ok=True)
    if older is not None:
        files = keep(older, fields, files)
    write_card(out / form.name, fields, files if form.name == NAME else [], list(rows))
