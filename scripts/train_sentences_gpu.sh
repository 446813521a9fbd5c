#!/usr/bin/env bash
# Trains the sentence nets on a machine with one or two GPUs, in the background:
#   train_sentences_gpu.sh start SECONDS     starts; the finished weights are there SECONDS later, whatever happens
#   train_sentences_gpu.sh end SECONDS       moves the end: so many seconds from now
#   train_sentences_gpu.sh wait SECONDS OUT  waits for the end, at most so long; then copies results and logs to OUT
# Packs are read from $PACKS (`python -m segtool.training.sentences pack`), work files go to $WORK. A large net (on
# $GPU_B) and a pretrained English one (beside the shipped nets on $GPU_A) answer for all stripped text; the shipped
# nets take the answers as they appear. BEGIN: weights of an earlier run to begin with (then RATE=2e-3 does). Start
# again after a crash: checkpoints and answers stay.
set -u
packs=${PACKS:-/tmp/data/sentences} work=${WORK:-/tmp/ckpt/sentences} workers=${WORKERS:-28}
gpu_a=${GPU_A:-0} gpu_b=${GPU_B:-1} big=${BIG:-400} english=${ENGLISH:-270} compare=${COMPARE:-200}
compile=${COMPILE---compile} windows=${WINDOWS:-512}
gate=${GATE:-90} tail=$((${GATE:-90} + ${REST:-40}))
out=$work/out
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-2} PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True PYTHONUNBUFFERED=1
export PYTHONPATH=$work/code:$packs/site

step() { # COMMAND NAME ARGUMENTS...: one step of segtool.training.sentences, logged
    local command=$1 name=$2
    shift 2
    python3 -m segtool.training.sentences "$command" --packs "$packs" --cache "$work/cache" --workers "$workers" "$@" \
        >>"$out/$name.log" 2>&1
}

train() { # NAME ARGUMENTS...: compiled if that works here, else not
    local name=$1
    shift
    local given=(--name "$name" --checkpoints "$work/checkpoints" --out "$out" "$@")
    step train "$name" "${given[@]}" $compile || step train "$name" "${given[@]}"
}

run() {
    step features features
    CUDA_VISIBLE_DEVICES=$gpu_a train sentences --shapes att192x4,pool-att160x3 --windows "$windows" --rate "${RATE:-2.5e-3}" \
        --seconds 1 --deadline "$work/deadline" --gate --gate-seconds "$gate" ${BEGIN:+--begin "$BEGIN"} \
        --labels "$work/answers/labels.npy" --answers "$work/answers/english.npz" "$work/answers/big.npz" &
    local shipped=$!
    local call=(english english --seconds "$english" --windows "${WINDOWS:-256}" --labels "$work/answers/labels.npy"
        --answers-out "$work/answers/english.npz")
    [ -e "$work/answers/english.npz" ] ||
        (export CUDA_VISIBLE_DEVICES=$gpu_a && step "${call[@]}" $compile || step "${call[@]}") &
    (
        export CUDA_VISIBLE_DEVICES=$gpu_b
        [ -e "$work/answers/big.npz" ] ||
            train big --shapes att384x6 --size 192 --windows "$windows" --rate 1.5e-3 --seconds "$big" --no-gate \
                --answers-out "$work/answers/big.npz"
        if [ "$compare" -gt 0 ]; then
            # for the table of architectures
            train conv192x12 --characters --window 768 --shapes conv192x12 --windows "$((windows / 3))" \
                --seconds "$compare" --no-gate &
            compile="" train lstm160x2 --shapes lstm160x2 --windows "$windows" --seconds "$compare" --no-gate
            wait
        fi
    ) &
    wait "$shipped"
    touch "$work/done"
    wait
}

case $1 in
start)
    mkdir -p "$out" "$work/code" "$work/answers"
    rm -f "$work/done"
    cp -r segtool "$work/code/"
    echo $(($(date +%s) + $2 - tail)) >"$work/deadline"
    script=$(readlink -f "$0")
    cp "$script" "$work/train.sh"
    cd "$work/code" && setsid nohup bash "$work/train.sh" run >"$out/run.log" 2>&1 </dev/null &
    ;;
run) run ;;
end) echo $(($(date +%s) + $2 - tail)) >"$work/deadline" ;;
wait)
    for ((i = 0; i < $2; i++)); do
        [ -e "$work/done" ] && break
        sleep 1
    done
    mkdir -p "$3"
    cp "$out/sentences.npz" "$out/sentences.json" "$3/" 2>/dev/null
    tar czf "$3/logs.tgz" -C "$out" $(cd "$out" && ls *.log *.json)
    tail -n 2 "$out"/*.log
    [ -e "$work/done" ] && echo "sentences: done"
    ;;
esac
