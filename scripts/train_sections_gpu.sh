#!/bin/bash
# Train the section model on one lent GPU, in slices of one machine: train_sections_gpu.sh SLICE SECONDS OUTDIR
#   first | next: features if there are none, then training until SECONDS are over (TOTAL: planned seconds of training)
#   last: goes on from the checkpoint and bends the schedule so that the training ends within SECONDS
# Each slice leaves usable weights in OUTDIR (the running mean). The pack lies in DATA (default /tmp/data/sections),
# features and checkpoint in WORK (default /tmp/ckpt/sections). MORE: further options of the training.
set -u
slice=$1 seconds=$2 out=$3
data=${DATA:-/tmp/data/sections} work=${WORK:-/tmp/ckpt/sections}
begun=$(date +%s)
mkdir -p "$out" "$work"
for file in "$data"/teacher/*.gz; do [ -e "$file" ] && [ ! -e "${file%.gz}" ] && gunzip -kf "$file"; done
export PYTHONUNBUFFERED=1 OMP_NUM_THREADS=4 TOKENIZERS_PARALLELISM=true
train="python3 -m segtool.training.sections --pack $data --work $work"
left() { echo $((seconds - ($(date +%s) - begun) - ${RESERVE:-40})); }

$train --prepare-only --processes "${PROCESSES:-16}" --teacher-sentences "${SENTENCES:-500000}" \
  > "$work/prepare.log" 2>&1 || { tail -30 "$work/prepare.log"; exit 1; }
echo "prepared after $(($(date +%s) - begun)) s"
finish=; [ "$slice" = last ] && finish=--finish
run() {
  $train --seconds "${TOTAL:-1200}" --slice "$(left)" $finish --workers "${WORKERS:-12}" --no-measure ${MORE:-} \
    --out "$out/topics.npz" "$@" > "$work/$slice.log" 2>&1
}
if [ -e "$work/plain" ]; then run; else run --graphs || { tail -5 "$work/$slice.log"; touch "$work/plain"; run; }; fi
status=$?
[ "$slice" = last ] || rm -f "$out"/topics-judge*.npz  # only the end needs them, and few files come back
(head -12 "$work/$slice.log"; echo ...; tail -n 25 "$work/$slice.log") | cut -c1-260
ls -la "$out"
exit $status
