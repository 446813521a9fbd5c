#!/bin/bash
# Train section models on the GPUs of a machine, one variant on each.
#   train_sections_gpu.sh run SECONDS     features if there are none, then training; finished weights after SECONDS
#   train_sections_gpu.sh start SECONDS   the same in the background, in a session of its own
#   train_sections_gpu.sh end SECONDS     finished weights in so many seconds from now, sooner or later than planned
#   train_sections_gpu.sh wait SECONDS OUTDIR   copy the weights to OUTDIR once they are there; print the logs
# The pack lies in DATA (default /tmp/data/sections), with weights/{begin,short,soft,judge1,judge2}.npz; everything else
# in WORK (default /tmp/ckpt/sections). Variants: NAMES (default "a b"), variant i on GPU i; options_NAME are theirs.
# What was begun goes on from its last checkpoint when it is run again.
set -u
verb=$1 seconds=$2 out=${3:-}
data=${DATA:-/tmp/data/sections} work=${WORK:-/tmp/ckpt/sections} names=${NAMES:-a b}
w=$data/weights
taught="--begin $w/begin.npz --advice $w/short.npz $w/soft.npz --advice-halves $w/judge1.npz $w/judge2.npz"
options_a=${A:-$taught --shape wider --rate 8e-4 --soft 0.55 --seed 11 --words-off 0.4 --dropped 0.6}
options_b=${B:-$taught --shape slim --rate 2e-3 --soft 0.55 --seed 12 --words-off 0.4 --dropped 0.6}
mkdir -p "$work/out"
export PYTHONUNBUFFERED=1 OMP_NUM_THREADS=${OMP_NUM_THREADS:-2} TOKENIZERS_PARALLELISM=true
train="python3 -m segtool.training.sections --pack $data --work $work"
# weights are written for some seconds after the training
ends_in() { echo $(($(date +%s) + $1 - ${RESERVE:-40})) > "$work/deadline.new"; mv "$work/deadline.new" "$work/deadline"; }

learn() { # NAME GPU
  local options=options_$1
  once() {
    CUDA_VISIBLE_DEVICES=$2 $train --seconds 1000 --deadline "$work/deadline" --slice "${SLICE:-3000}" \
      --workers "${WORKERS:-14}" --no-measure --name "$1" --out "$work/out/$1.npz" ${!options} "${@:3}" >> "$work/$1.log" 2>&1
  }
  once "$1" "$2" --graphs || { echo "graphs failed" >> "$work/$1.log"; once "$1" "$2"; } && touch "$work/$1.done"
}

run() {
  rm -f "$work"/*.done
  for file in "$data"/teacher/*.gz; do [ -e "$file" ] && [ ! -e "${file%.gz}" ] && gunzip -kf "$file"; done
  $train --prepare-only --processes "${PROCESSES:-30}" --teacher-sentences "${SENTENCES:-500000}" \
    >> "$work/prepare.log" 2>&1 || return 1
  local gpu=0
  for name in $names; do
    learn "$name" $gpu &
    gpu=$((gpu + 1))
  done
  wait
}

all_done() { for name in $names; do [ -e "$work/$name.done" ] || return 1; done; }

case $verb in
  run) ends_in "$seconds"; run; tail -n 20 "$work"/*.log; all_done ;;
  start) ends_in "$seconds"; setsid bash "$0" go 0 < /dev/null > "$work/daemon.log" 2>&1 & ;;
  go) run ;;
  end) ends_in "$seconds" ;;
  wait)
    until all_done || [ "$seconds" -le 0 ]; do sleep 1; seconds=$((seconds - 1)); done
    mkdir -p "$out"
    if all_done; then echo "sections: done"; else echo "sections: not done; weights of the way, if any"; fi
    cp "$work"/out/*.npz "$out" 2> /dev/null
    for log in "$work"/*.log; do echo "== $log"; tail -n 12 "$log" | cut -c1-220; done
    ls -la "$out" ;;
esac
