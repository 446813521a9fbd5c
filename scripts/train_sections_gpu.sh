#!/bin/bash
# Train the section model on one lent GPU, in slices: train_sections_gpu.sh PHASE SECONDS OUTDIR
#   PHASE 1: two shapes side by side, done within SECONDS; PHASE 2: one shape long, SECONDS a slice of TOTAL (env, default 1080).
# The pack lies in DATA (default /tmp/data/sections), features and checkpoints in WORK (default /tmp/ckpt/sections).
set -u
phase=$1 seconds=$2 out=$3
data=${DATA:-/tmp/data/sections} work=${WORK:-/tmp/ckpt/sections}
begun=$(date +%s)
mkdir -p "$out" "$work"
for file in "$data"/teacher/*.gz; do [ -e "$file" ] && gunzip -kf "$file"; done
export PYTHONUNBUFFERED=1 OMP_NUM_THREADS=4 TOKENIZERS_PARALLELISM=true
train="python3 -m segtool.training.sections --pack $data --work $work"
$train --prepare-only --processes 16 --teacher-sentences "${SENTENCES:-300000}" > "$out/prepare.log" 2>&1 || { tail -30 "$out/prepare.log"; exit 1; }
left=$((seconds - ($(date +%s) - begun) - ${EVALUATION:-50}))
echo "prepared after $(($(date +%s) - begun)) s, training for $left s"
if [ "$phase" = 1 ]; then
  for shape in wide even; do
    $train --shape $shape --name $shape --seconds "$left" --workers 7 --out "$out/$shape.npz" > "$out/$shape.log" 2>&1 &
  done
  wait
  tail -n 25 "$out"/wide.log "$out"/even.log
else
  shape=${SHAPE:-wide}
  $train --shape "$shape" --name "long-$shape" --seconds "${TOTAL:-1080}" --slice "$left" --workers 14 --out "$out/long-$shape.npz" > "$out/long.log" 2>&1
  tail -n 40 "$out/long.log"
fi
# few files come back: logs as one
tail -n 400 "$out"/*.log > "$out/logs.txt" 2>/dev/null; rm -f "$out"/*.log
ls -la "$out"
