#!/bin/bash
# Train the section model on one lent GPU.
#   train_sections_gpu.sh run SECONDS     features if there are none, then training; finished weights after SECONDS
#   train_sections_gpu.sh start SECONDS   the same in the background, in a session of its own
#   train_sections_gpu.sh end SECONDS     finished weights in so many seconds from now, sooner or later than planned
#   train_sections_gpu.sh wait SECONDS OUTDIR   copy the weights to OUTDIR once they are there; print the logs
# The pack lies in DATA (default /tmp/data/sections), everything else in WORK (default /tmp/ckpt/sections). MORE: further
# options of the training. What was begun goes on from its last checkpoint when it is run again.
set -u
verb=$1 seconds=$2 out=${3:-}
data=${DATA:-/tmp/data/sections} work=${WORK:-/tmp/ckpt/sections}
mkdir -p "$work/out"
export PYTHONUNBUFFERED=1 OMP_NUM_THREADS=${OMP_NUM_THREADS:-4} TOKENIZERS_PARALLELISM=true
train="python3 -m segtool.training.sections --pack $data --work $work"
# weights are written for some seconds after the training
ends_in() { echo $(($(date +%s) + $1 - ${RESERVE:-40})) > "$work/deadline.new"; mv "$work/deadline.new" "$work/deadline"; }

run() {
  rm -f "$work/done"
  for file in "$data"/teacher/*.gz; do [ -e "$file" ] && [ ! -e "${file%.gz}" ] && gunzip -kf "$file"; done
  $train --prepare-only --processes "${PROCESSES:-16}" --teacher-sentences "${SENTENCES:-500000}" \
    >> "$work/prepare.log" 2>&1 || return 1
  learn() {
    $train --seconds 1000 --deadline "$work/deadline" --slice "${SLICE:-3000}" --workers "${WORKERS:-12}" \
      --no-measure ${MORE:-} --out "$work/out/topics.npz" "$@" >> "$work/train.log" 2>&1
  }
  learn --graphs || { echo "graphs failed" >> "$work/train.log"; learn; } || return 1
  touch "$work/done"
}

case $verb in
  run) ends_in "$seconds"; run; status=$?; tail -n 20 "$work"/*.log; exit $status ;;
  start) ends_in "$seconds"; setsid bash "$0" go 0 < /dev/null > "$work/daemon.log" 2>&1 & ;;
  go) run ;;
  end) ends_in "$seconds" ;;
  wait)
    until [ -e "$work/done" ] || [ "$seconds" -le 0 ]; do sleep 1; seconds=$((seconds - 1)); done
    mkdir -p "$out"
    if [ -e "$work/done" ]; then echo "sections: done"; else echo "sections: not done; weights of the way, if any"; fi
    cp "$work"/out/*.npz "$out" 2> /dev/null
    for log in "$work"/*.log; do echo "== $log"; tail -n 14 "$log" | cut -c1-260; done
    ls -la "$out" ;;
esac
