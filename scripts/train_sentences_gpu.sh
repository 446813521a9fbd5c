#!/usr/bin/env bash
# Trains sentence nets on one GPU: train_sentences_gpu.sh PHASE SECONDS OUTDIR
# PHASE 1 compares architectures side by side for SECONDS; PHASE 2 trains the shipped nets together, whose
# schedule has TOTAL seconds (environment), SECONDS of them in this call: call again to go on.
# Packs are read from $PACKS (see `python -m segtool.training.sentences pack`), work files go to $WORK.
set -u
phase=$1 seconds=$2 out=$3
packs=${PACKS:-/tmp/data/sentences} work=${WORK:-/tmp/ckpt/sentences} workers=${WORKERS:-16}
mkdir -p "$out" "$work"
export OMP_NUM_THREADS=2 PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True
python3 -m segtool.training.sentences features --packs "$packs" --cache "$work/cache" --workers "$workers" \
    2>&1 | tee "$out/features.log"

train() { # NAME SHAPES ARGUMENTS...: compiled if that works here, else eager
    local name=$1 shapes=$2
    shift 2
    local call=(python3 -m segtool.training.sentences train --packs "$packs" --cache "$work/cache" --name "$name"
        --shapes "$shapes" --checkpoints "$work/$phase" --out "$out" --workers "$workers" "$@")
    "${call[@]}" --compile >"$out/$name.log" 2>&1 || "${call[@]}" >>"$out/$name.log" 2>&1
}

if [ "$phase" = 1 ]; then
    for shape in att192x4 pool-att256x3 pool-mix256 pool-conv256x6; do
        train "$shape" "$shape" --no-gate --rate 2e-3 --seconds "$seconds" --windows 256 &
    done
else
    # shellcheck disable=SC2086
    train sentences "${SHAPES:-att192x4,pool-att160x3}" --gate --teach 1.0 --seconds "${TOTAL:-960}" --limit "$seconds" \
        --windows 512 --rate 2.5e-3 ${MORE:-} &
fi
wait
tail -n 3 "$out"/*.log
