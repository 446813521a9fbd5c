"""Random training documents: crops of real ones with their sections, and joined pieces of several.

Two kinds alternate in every step: `SectionSampler` teaches structure, `JoinSampler` teaches topic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segtool.training.sections.cache import N_DEPTHS
from segtool.training.sections.samples import Array, Batch, Sample, Source, assemble

CONTEXT = 256
"""Units before a crop whose numbers are still read."""


Cuts = tuple[tuple[int, int], ...]


def changes(keys: Array) -> Array:
    """1 where a key differs from the one before, float32; the first row is 0."""
    out = np.zeros(keys.shape, np.float32)
    out[1:] = keys[1:] != keys[:-1]
    return out


@dataclass(frozen=True, slots=True)
class SectionOptions:
    """Shares of the variations of a section sample; see RECIPES in `docs/training.md`.

    Args:
        thinned: Samples of which up to `thinnest` of the body's paragraphs are left out.
        trimmed: Samples of which half the longer paragraphs end after some of their sentences.
        favour: How many times as often as their number says documents of a domain are drawn.
    """

    size: int = 24
    crop: int = 512
    dropped: float = 0.55
    sentences: float = 0.10
    halves: float = 0.05
    pseudo: float = 0.22
    pseudo_sentences: float = 0.35
    shuffled: float = 0.12
    joined_run_in: float = 0.35
    numbers_off: float = 0.12
    form_off: float = 0.05
    long_joins: float = 0.06
    thinned: float = 0.25
    thinnest: float = 0.2
    trimmed: float = 0.3
    favour: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class _Pool:
    """Documents of one half: which, how likely each is drawn (running sums), and those with pseudo-headings."""

    half: int
    documents: Array
    weights: Array
    pseudo: list[tuple[int, Array]]


class SectionSampler:
    """Draws batches of documents with sections, headings kept or dropped; all of a batch from one half of them.

    Args:
        source: Documents.
        domains: Names of the domains of the cache.
        options: Shares of the variations.
        only: Domains drawn from; all if empty.
        join: Draws a long document joined of others, for the `long_joins`; none without it.
    """

    def __init__(
        self,
        source: Source,
        domains: list[str],
        options: SectionOptions,
        only: tuple[str, ...] = (),
        join: Callable[[np.random.Generator, int], Sample] | None = None,
    ) -> None:
        self._source = source
        self._options = options
        self._join = join
        cache = source.cache
        chosen = [d for d in range(len(domains)) if not only or domains[d] in only]
        section = np.flatnonzero(source.is_section & np.isin(cache.domain, chosen))
        counts = np.bincount(cache.domain[section], minlength=len(domains)).astype(float)
        favour = dict(options.favour)
        times = np.array([favour.get(name, 1.0) for name in domains])[cache.domain[section]]
        weight = times / np.sqrt(counts[cache.domain[section]])  # a domain weighs the root of its documents
        half = np.zeros(cache.n_documents, np.int8) if source.half is None else source.half
        self._pools = []
        pseudo = self._pseudo_documents()
        for part in np.unique(half[section]).tolist():
            inside = half[section] == part
            weights = np.cumsum(weight[inside] / weight[inside].sum())
            self._pools.append(_Pool(part, section[inside], weights, [p for p in pseudo if half[p[0]] == part]))

    def _pseudo_documents(self) -> list[tuple[int, Array]]:
        """Raw documents in which at least three short lines without a stop stand before long paragraphs."""
        cache, found = self._source.cache, []
        counts, at = np.asarray(cache.counts[:, 0]), np.asarray(cache.sentence_at)
        characters = np.diff(counts[at])
        stopped = np.isin(cache.last[at[1:] - 1], list(map(ord, ".!?。！？…:;,")))
        for document in np.flatnonzero(~self._source.is_section):
            start, end = self._source.paragraphs(int(document))
            short = (characters[start:end] <= 70) & ~stopped[start:end]
            long = (characters[start:end] >= 100) & stopped[start:end]
            heading = np.zeros(end - start, np.bool_)
            heading[:-1] = short[:-1] & long[1:]
            if heading.sum() >= 3:
                found.append((int(document), heading))
        return found

    def __call__(self, rng: np.random.Generator) -> Batch:
        samples: list[Sample] = []
        pool = self._pools[int(rng.integers(len(self._pools)))]
        for _ in range(self._options.size):
            draw = rng.random()
            if self._join is not None and draw < self._options.long_joins:
                samples.append(self._join(rng, self._options.crop))
            elif pool.pseudo and draw > 1 - self._options.pseudo:
                samples.append(self._pseudo_sample(pool, rng))
            else:
                samples.append(self._sample(pool, rng))
        batch = assemble(self._source, samples, rng, self._options.crop)
        batch["half"] = np.array(pool.half)
        return batch

    def _sample(self, pool: _Pool, rng: np.random.Generator) -> Sample:
        o, cache = self._options, self._source.cache
        dropped = rng.random() < o.dropped
        while True:
            document = int(pool.documents[np.searchsorted(pool.weights, rng.random())])
            start, end = self._source.paragraphs(document)
            rows = self._source.body(document) if dropped else np.arange(start, end)
            if rng.random() < o.thinned:
                rows = rows[(cache.level[rows] > 0) | (rng.random(len(rows)) >= rng.random() * o.thinnest)]
            if len(rows) >= 4:
                break
        keys = cache.keys[rows]
        shuffled = rng.random() < o.shuffled
        if shuffled:
            order = _shuffle_sections(keys[:, 4], rng)
            rows, keys = rows[order], keys[order]
        begin, finish = cache.sentence_at[rows], cache.sentence_at[rows + 1]
        joined = not dropped and not shuffled and rng.random() < o.joined_run_in
        if joined and cache.run_in[rows].any():
            begin, finish, keys = _join_run_in(begin, finish, keys, cache.run_in[rows])
        if rng.random() < o.trimmed:
            finish = trim(begin, finish, rng)
        mask = np.ones(keys.shape, np.bool_)
        sample = self._crop(begin, finish, changes(keys), mask, document, rng)
        sample.numbers_off = shuffled or rng.random() < o.numbers_off
        return sample

    def _pseudo_sample(self, pool: _Pool, rng: np.random.Generator) -> Sample:
        document, heading = pool.pseudo[rng.integers(len(pool.pseudo))]
        start, _ = self._source.paragraphs(document)
        keys = np.cumsum(heading)
        rows = np.arange(len(heading))
        if rng.random() < self._options.dropped:
            rows = np.flatnonzero(~heading)
        labels = np.repeat(changes(keys[rows])[:, None], N_DEPTHS, axis=1)
        mask = np.zeros(labels.shape, np.bool_)
        mask[:, 3:] = True  # which depth a found heading has is unknown, that it starts something is not
        cache = self._source.cache
        begin, finish = cache.sentence_at[start + rows], cache.sentence_at[start + rows + 1]
        as_sentences = rng.random() < self._options.pseudo_sentences
        sample = self._crop(begin, finish, labels, mask, document, rng, as_sentences)
        sample.numbers_off = rng.random() < self._options.numbers_off
        return sample

    def _crop(
        self,
        begin: Array,
        end: Array,
        labels: Array,
        mask: Array,
        document: int,
        rng: np.random.Generator,
        as_sentences: bool | None = None,
    ) -> Sample:
        o, draw = self._options, rng.random()
        if as_sentences or (as_sentences is None and draw < o.sentences):
            begin, end, labels, mask = _split(begin, end, labels, mask, end - begin)
        elif as_sentences is None and draw < o.sentences + o.halves:
            begin, end, labels, mask = _split(begin, end, labels, mask, np.minimum(end - begin, 2))
        n = len(begin)
        start = int(rng.integers(max(1, n - o.crop + 1)))
        skip = min(start, CONTEXT)
        part = slice(start - skip, start + o.crop)
        mask = mask[part].copy()
        mask[skip] = False
        return Sample(
            begin=begin[part],
            end=end[part],
            labels=labels[part],
            mask=mask,
            source=np.full(len(mask), document),
            skip=skip,
            form_off=rng.random() < o.form_off,
            word_dropout=float(rng.choice([0.0, 0.2, 0.4])),
        )


def _split(begin: Array, end: Array, labels: Array, mask: Array, parts: Array) -> tuple[Array, Array, Array, Array]:
    """Each unit as some runs of its sentences; only the first run keeps the label."""
    parts = np.maximum(parts, 1)
    owner = np.repeat(np.arange(len(begin)), parts)
    rank = np.arange(len(owner)) - (np.cumsum(parts) - parts)[owner]
    length = (end - begin)[owner]
    new_begin = begin[owner] + rank * length // parts[owner]
    new_end = begin[owner] + (rank + 1) * length // parts[owner]
    return new_begin, new_end, labels[owner] * (rank == 0)[:, None], mask[owner]


def trim(begin: Array, end: Array, rng: np.random.Generator) -> Array:
    """Other ends for half the units of several sentences: after one of them."""
    earlier = begin + 1 + (rng.random(len(begin)) * (end - begin - 1)).astype(begin.dtype)
    trimmed: Array = np.where((rng.random(len(begin)) < 0.5) & (end - begin > 1), earlier, end)
    return trimmed


def _shuffle_sections(key: Array, rng: np.random.Generator) -> Array:
    """Order of the rows with their runs of equal key permuted."""
    run = np.cumsum(np.concatenate([[0], key[1:] != key[:-1]]))
    place = rng.permutation(int(run[-1]) + 1)
    order: Array = np.argsort(place[run], kind="stable")
    return order


def _join_run_in(begin: Array, end: Array, keys: Array, run_in: Array) -> tuple[Array, Array, Array]:
    """Run-in headings as the start of the paragraph after them."""
    joins = np.zeros(len(begin), np.bool_)
    joins[:-1] = run_in[:-1] & (end[:-1] == begin[1:]) & ~run_in[1:]
    eaten = np.concatenate([[False], joins[:-1]])
    end = end.copy()
    end[joins] = end[np.flatnonzero(joins) + 1]
    return begin[~eaten], end[~eaten], keys[~eaten]


@dataclass(frozen=True, slots=True)
class JoinOptions:
    """Shares of the variations of a joined sample."""

    size: int = 64
    crop: int = 160
    group: int = 8
    english: float = 7.0
    prose: float = 2.0
    one_domain: float = 0.65
    choi_cuts: float = 0.5
    from_start: float = 0.3
    numbers_off: float = 0.4
    form_off: float = 0.25


CUTS = ((1, 4), (3, 11), (5, 25), (10, 45))
CHOI_CUTS = ((3, 11),)
LONG_CUTS = ((10, 45), (20, 80))
"""Least and most units of a piece; each piece draws one of the pairs."""

PROSE = ("news", "novels", "books", "stories", "technical docs", "textbook", "report", "encyclopedia")
"""Domains drawn `prose` times as often as their size says: laws and contracts repeat each other."""


class JoinSampler:
    """Draws batches of documents made of pieces of several, all in one language.

    Args:
        source: Documents.
        langs: Names of the languages of the cache.
        domains: Names of its domains.
        options: Shares of the variations.
    """

    def __init__(self, source: Source, langs: list[str], domains: list[str], options: JoinOptions) -> None:
        self._source = source
        self._options = options
        self._favour = np.array([options.prose if name in PROSE else 1.0 for name in domains])
        n = source.cache.n_documents
        self._family = np.arange(n) if source.family is None else source.family
        cache = source.cache
        found: dict[int, dict[int, list[int]]] = {}
        for document in np.flatnonzero(source.characters >= 600).tolist():
            pool = found.setdefault(int(cache.lang[document]), {})
            pool.setdefault(int(cache.domain[document]), []).append(document)
        self._pools: dict[int, dict[int, Array]] = {
            lang: {domain: np.array(documents) for domain, documents in pool.items()}
            for lang, pool in found.items()
            if sum(map(len, pool.values())) >= 30
        }
        totals = np.array([sum(source.characters[d].sum() for d in pool.values()) for pool in self._pools.values()])
        weight = totals**0.45
        order = list(self._pools)
        if "en" in langs and langs.index("en") in order:
            weight[order.index(langs.index("en"))] *= options.english
        self._langs, self._weights = order, np.cumsum(weight / weight.sum())

    def __call__(self, rng: np.random.Generator) -> Batch:
        samples: list[Sample] = []
        while len(samples) < self._options.size:
            lang = self._langs[int(np.searchsorted(self._weights, rng.random()))]
            samples += [self._sample(self._pools[lang], self._cuts(rng), rng) for _ in range(self._options.group)]
        return assemble(self._source, samples, rng, self._options.crop)

    def _choose(self, pool: dict[int, Array], n: int, rng: np.random.Generator) -> list[int]:
        domains = list(pool)
        weight = np.sqrt([self._source.characters[pool[d]].sum() for d in domains]) * self._favour[domains]
        weight /= weight.sum()
        if rng.random() < self._options.one_domain:
            domain = domains[int(rng.choice(len(domains), p=weight))]
            size = min(n, len(pool[domain]))
            return [int(d) for d in rng.choice(pool[domain], size, replace=False)]
        return [int(rng.choice(pool[domains[int(d)]])) for d in rng.choice(len(domains), n, p=weight)]

    def long_sample(self, rng: np.random.Generator, crop: int) -> Sample:
        """A document of `crop` units at most in long pieces, as the sections of lectures and articles are."""
        lang = self._langs[int(np.searchsorted(self._weights, rng.random()))]
        return self._sample(self._pools[lang], LONG_CUTS, rng, crop)

    def _cuts(self, rng: np.random.Generator) -> Cuts:
        return CHOI_CUTS if rng.random() < self._options.choi_cuts else CUTS

    def _sample(self, pool: dict[int, Array], cuts: Cuts, rng: np.random.Generator, crop: int = 0) -> Sample:
        o, crop = self._options, crop or self._options.crop
        documents = self._choose(pool, int(rng.integers(2, 15)), rng)
        form = str(rng.choice(["sentence", "group", "paragraph"], p=[0.6, 0.2, 0.2]))
        begins, ends, sources, firsts = [], [], [], []
        total, previous = 0, -1
        for document in documents:
            low, high = cuts[int(rng.integers(len(cuts)))]
            begin, end = self._piece(document, int(rng.integers(low, high + 1)), form, rng)
            family = int(self._family[document])
            if not len(begin) or family == previous:
                continue
            begins.append(begin)
            ends.append(end)
            sources.append(np.full(len(begin), family))
            firsts.append(np.arange(len(begin)) == 0)
            total, previous = total + len(begin), family
            if total >= crop:
                break
        first = np.concatenate(firsts)[:crop]
        labels = np.repeat(first[:, None], N_DEPTHS, axis=1).astype(np.float32)
        mask = np.repeat(first[:, None], N_DEPTHS, axis=1)
        # a piece of a document with sections may hold some of its own, of a depth below the change of document
        mask[:, [0, 4] if self._source.is_section[documents].any() else slice(None)] = True
        mask[0] = False
        return Sample(
            begin=np.concatenate(begins)[:crop],
            end=np.concatenate(ends)[:crop],
            labels=labels,
            mask=mask,
            source=np.concatenate(sources)[:crop],
            numbers_off=rng.random() < o.numbers_off,
            form_off=rng.random() < o.form_off,
            word_dropout=float(rng.choice([0.0, 0.2, 0.4])),
        )

    def _piece(self, document: int, n: int, form: str, rng: np.random.Generator) -> tuple[Array, Array]:
        """The first n units after a random place of a document."""
        cache = self._source.cache
        body = self._source.body(document)
        from_start = rng.random() < self._options.from_start
        at = 0 if from_start else int(rng.integers(max(1, len(body) - n // 2)))
        rows = body[at : at + 4 * n]
        begin, end = cache.sentence_at[rows], cache.sentence_at[rows + 1]
        if form == "paragraph":
            return begin[:n], end[:n]
        size = 1 if form == "sentence" else int(rng.integers(1, 5))
        parts = -(-(end - begin) // size)
        nothing = np.zeros((len(begin), 1))
        begin, end, _, _ = _split(begin, end, nothing, nothing, parts)
        skip = 0 if from_start else int(rng.integers(max(1, min(int(parts[:1].sum()), len(begin) - n) + 1)))
        return begin[skip : skip + n], end[skip : skip + n]
