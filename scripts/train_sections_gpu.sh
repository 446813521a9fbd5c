#!/bin/bash
# Train the section model on one lent GPU, in slices: train_sections_gpu.sh PHASE SECONDS OUTDIR
#   1: two shapes side by side, measured, all within SECONDS
#   2: one long training, its first slice of SECONDS (features included) of TOTAL seconds of training
#   3: its last slice: goes on from the checkpoint and ends within SECONDS
# The pack lies in DATA (default /tmp/data/sections), features and checkpoints in WORK (default /tmp/ckpt/sections).
set -u
phase=$1 seconds=$2 out=$3
data=${DATA:-/tmp/data/sections} work=${WORK:-/tmp/ckpt/sections}
begun=$(date +%s)
mkdir -p "$out" "$work"
for file in "$data"/teacher/*.gz; do [ -e "$file" ] && gunzip -kf "$file"; done
export PYTHONUNBUFFERED=1 OMP_NUM_THREADS=4 TOKENIZERS_PARALLELISM=true
train="python3 -m segtool.training.sections --pack $data --work $work"
left() { echo $((seconds - ($(date +%s) - begun) - $1)); }

$train --prepare-only --processes 16 --teacher-sentences "${SENTENCES:-400000}" > "$out/prepare.log" 2>&1 || { tail -30 "$out/prepare.log"; exit 1; }
echo "prepared after $(($(date +%s) - begun)) s"
if [ "$phase" = 1 ]; then
  for shape in wide even; do
    $train --shape $shape --name $shape --seconds "$(left 50)" --workers 7 --out "$out/$shape.npz" > "$out/$shape.log" 2>&1 &
  done
  wait
else
  name=long-${SHAPE:-wider}
  finish=; [ "$phase" = 3 ] && finish=--finish
  slice() {
    $train --shape "${SHAPE:-wider}" --name "$name" --seconds "${TOTAL:-830}" --slice "$(left 35)" $finish --workers "${WORKERS:-14}" \
      --no-measure --out "$out/$name.npz" "$@" >> "$out/$name.log" 2>&1
  }
  if [ -e "$work/plain" ]; then slice; else slice --graphs || { touch "$work/plain"; slice; }; fi
fi
for log in "$out"/*.log; do echo "== $log"; tail -n 12 "$log" | cut -c1-300; done
tail -n 600 "$out"/*.log > "$out/logs.txt"; rm -f "$out"/*.log  # few files come back
ls -la "$out"
