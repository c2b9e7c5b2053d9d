#!/bin/sh
# Run all reports from cron: never two at once, a dated log for each run, and a word only when
# something failed, so that cron sends mail only then.
#
# PROJECT  folder of the project (default: the folder above this script)
# LOGS     folder of the logs (default: logs in the project); the last 14 are kept
#
# Exit codes: those of `analysis run` (0 done, 1 a report failed, 2 the request was wrong,
# 130 interrupted), and 75 when the run before has not ended.
set -u

project=${PROJECT:-$(dirname "$0")/..}
cd "$project" || exit 2
project=$(pwd)
logs=${LOGS:-$project/logs}
keep=14

mkdir -p "$logs" || exit 2
log=$logs/reports-$(date +%Y-%m-%dT%H-%M-%S).log
PATH=$project/.venv/bin:$PATH

# The lock is held by the run itself, also when this shell is killed; it ends with the run.
exec 9>"$logs/lock" || exit 2
if ! flock --nonblock 9; then
    echo "The reports of $project were not run: the run before has not ended; see $logs" >&2
    exit 75
fi

echo "$(date '+%Y-%m-%d %H:%M:%S') begins" >"$log" || exit 2
analysis run --all --lang both --jobs 2 --timeout 900 --retries 1 >>"$log" 2>&1 &
run=$!
# A shell that is told to end passes it on; the run stops in order and keeps what is finished.
trap 'kill -TERM "$run" 2>/dev/null' HUP INT TERM
wait "$run"
code=$?
while kill -0 "$run" 2>/dev/null; do
    wait "$run"
    code=$?
done
echo "$(date '+%Y-%m-%d %H:%M:%S') ends with $code" >>"$log"

# The names hold the time, so the oldest come first.
set -- "$logs"/reports-*.log
while [ "$#" -gt "$keep" ]; do
    rm -f -- "$1"
    shift
done

case $code in
    0) exit 0 ;;
    1) said="some failed; the others are up to date, and those that failed keep their last good page" ;;
    2) said="nothing was run, the request was wrong" ;;
    130) said="interrupted; what was finished is kept" ;;
    *) said="ended in no known way" ;;
esac
{
    echo "Reports of $project: $said (exit code $code)."
    echo "The end of $log:"
    echo
    tail -n 20 "$log"
} >&2
exit "$code"
