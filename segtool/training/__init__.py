"""Training of the shipped models. Needs the extra ``train``; nothing else in segtool imports it."""
