# Sourced: keeps processes running and stops them again by their process ids.

supervisors=()
supervised=()

# supervise NAME LOG COMMAND… — starts the command again whenever it ends: at once after a run of five seconds or more,
# else after 1, 2, 4 … 30 seconds, as what ends at its start would only end again.
supervise() {
    local name=$1 log=$2
    shift 2
    (
        child=
        trap '[ -n "$child" ] && kill -TERM "$child" 2>/dev/null; wait "$child" 2>/dev/null; exit 0' TERM
        trap '' INT
        pause=0
        while :; do
            began=$SECONDS
            # In a session of its own: Ctrl-C reaches deploy/run alone, which then stops all in order.
            setsid "$@" >>"$log" 2>&1 &
            child=$!
            echo "$child" >"$log.pid"
            wait "$child" 2>/dev/null
            status=$?
            if [ $((SECONDS - began)) -ge 5 ]; then
                pause=0
            else
                pause=$((pause == 0 ? 1 : pause * 2 > 30 ? 30 : pause * 2))
            fi
            echo "$name ended with status $status; it starts again in $pause s" | tee -a "$log" >&2
            child=
            sleep "$pause" &
            wait $!
        done
    ) &
    supervisors+=($!)
    supervised+=("$name")
}

# Stops the services first and the first one started, Redis, last, so that each can finish what it holds.
stop_all() {
    local place
    trap '' INT TERM
    for ((place = ${#supervisors[@]} - 1; place > 0; place--)); do
        kill -TERM "${supervisors[$place]}" 2>/dev/null
    done
    for ((place = ${#supervisors[@]} - 1; place > 0; place--)); do wait "${supervisors[$place]}" 2>/dev/null; done
    if [ ${#supervisors[@]} -gt 0 ]; then
        kill -TERM "${supervisors[0]}" 2>/dev/null
        wait "${supervisors[0]}" 2>/dev/null
    fi
}

# wait_for URL SECONDS — until it answers with success.
wait_for() {
    local deadline=$((SECONDS + $2))
    until curl -fsS -o /dev/null --max-time 2 "$1" 2>/dev/null; do
        [ $SECONDS -ge $deadline ] && return 1
        sleep 0.2
    done
}

wait_for_signal() {
    while :; do
        sleep 3600 &
        wait $!
    done
}
