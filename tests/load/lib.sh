# What `bench` and `soak` share. Sourced, from the repository's root, beside the servers of `with-servers`.
# shellcheck shell=bash disable=SC2034 # what the functions leave is used by the scripts

die() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 1
}

# A machine's own settings are not part of what is measured.
unset DATABASE_URL DATABASE_SYSTEM_URL DATABASE_MIGRATION_URL REDIS_URL ENVIRONMENT

# --- what must be there -------------------------------------------------------------------------------

pg_bin=
find_tools() {
  command -v wrk >/dev/null || die "install wrk (Debian: apt-get install wrk; macOS: brew install wrk)"
  command -v curl >/dev/null || die "install curl"
  pg_bin=$(pg_config --bindir 2>/dev/null || true)
  if [ ! -x "$pg_bin/pgbench" ]; then
    pg_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5 -rn | head -n 1)
  fi
  [ -x "$pg_bin/pgbench" ] || die "install PostgreSQL with pgbench (Debian: apt-get install postgresql)"
}

raptorflow=
load=
fakes=
build() { # unless LOAD_BINARIES names a folder that has them
  if [ -n "${LOAD_BINARIES:-}" ]; then
    raptorflow=$LOAD_BINARIES/raptorflow load=$LOAD_BINARIES/load fakes=$LOAD_BINARIES/fake-models
    return
  fi
  # One build, so that all have the same features of each library.
  cargo build --release --locked --package raptorflow --package load --package fakes --bins
  local target
  target=$(cargo metadata --no-deps --locked --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
  raptorflow=$target/release/raptorflow
  load=$target/release/load
  fakes=$target/release/fake-models
}

# --- processes, which end with the script -------------------------------------------------------------

pids=()
work=
prepare_folder() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/rf-load.XXXXXX")
  trap clean_up EXIT
}

clean_up() {
  local pid
  for pid in ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}

# In the background; its pid is in `started`.
started=
start() { # log's name, command...
  local log=$work/$1.log
  shift
  "$@" >>"$log" 2>&1 &
  started=$!
  pids+=("$started")
}

stop() { # pid
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

port=
pick_port() { # below the range from which the system gives ports to clients
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || return 0
  done
  die "no free port found between 20000 and 32000"
}

wait_for() { # url
  for _ in $(seq 600); do
    if curl --silent --fail --output /dev/null "$1"; then return; fi
    sleep 0.05
  done
  tail -n 5 "$work"/*.log >&2
  die "$1 does not answer"
}

# --- databases ----------------------------------------------------------------------------------------

server=${TEST_POSTGRES_OWNER_URL#*@}
server=${server%/*}
superuser() { # database
  printf 'postgres://postgres@%s/%s' "$server" "$1"
}

sql() { # database, statements
  "$pg_bin/psql" -X -q -t -A -v ON_ERROR_STOP=1 "$(superuser "$1")" -c "$2"
}

settings_of() { # database
  printf '%s\n' "DATABASE_URL=postgres://rf_app@$server/$1" "DATABASE_SYSTEM_URL=postgres://rf_system@$server/$1" \
    "DATABASE_MIGRATION_URL=postgres://owner@$server/$1"
}

new_database() { # name
  sql postgres "create database $1 owner owner"
  mapfile -t settings < <(settings_of "$1")
  env "${settings[@]}" DATA_DIR="$work/$1" "$raptorflow" migrate >"$work/migrate.log" 2>&1 || die "$(cat "$work/migrate.log")"
}

# --- servers ------------------------------------------------------------------------------------------

# No limit that the load would meet, and nothing said of each request.
common=(LOG_LEVEL=warn RATE_LIMIT_PER_MINUTE=1000000 RATE_LIMIT_AUTH_PER_MINUTE=1000000 RATE_LIMIT_AI_PER_MINUTE=1000000)

base=
serve() { # name of its folder and log, settings...
  local name=$1
  shift
  pick_port
  start "$name" env "${common[@]}" DATA_DIR="$work/$name" PORT="$port" "$@" "$raptorflow" serve
  base=http://127.0.0.1:$port
  wait_for "$base/health/ready"
}

refer() { # name, arguments after the port...
  local what=$1
  shift
  pick_port
  start "$what" "$load" "$what" "$port" "$@"
  base=http://127.0.0.1:$port
  for _ in $(seq 600); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
    sleep 0.05
  done
  die "the reference \"$what\" does not listen"
}

# Puts an account's token, user and workspaces into `token`, `user` and `workspaces`.
account() { # base, data folder, number of workspaces
  local lines
  mapfile -t lines < <("$load" account "$1" "$2/outbox" "$3")
  [ "${#lines[@]}" -eq $(($3 + 2)) ] || die "no account at $1"
  token=${lines[0]} user=${lines[1]} workspaces=("${lines[@]:2}")
}

# --- measuring ----------------------------------------------------------------------------------------

# Leaves requests a second in `rate`, their number in `answered`, and milliseconds in `p50` and `p99`. Every answer must be a good
# one.
rate=0 answered=0 p50=0 p99=0
hit() { # connections, seconds, url, further arguments of wrk...
  local connections=$1 seconds=$2 url=$3 threads=2 report
  shift 3
  if [ "$connections" = 1 ]; then threads=1; fi
  report=$(wrk --threads "$threads" --connections "$connections" --duration "${seconds}s" --timeout 10s --latency "$@" "$url") || die "wrk failed at $url"
  if grep -E 'Non-2xx|Socket errors' <<<"$report" >&2; then die "$url did not answer every request"; fi
  rate=$(awk '/^Requests\/sec:/ { print $2 }' <<<"$report")
  answered=$(awk '/ requests in / { print $1 }' <<<"$report")
  p50=$(milliseconds 50% "$report")
  p99=$(milliseconds 99% "$report")
}

milliseconds() { # percentile, report
  awk -v which="$1" '$1 == which {
    value = $2 + 0
    if ($2 ~ /us$/) value /= 1000; else if ($2 !~ /ms$/) value *= 1000
    printf "%.2f", value
  }' <<<"$2"
}

# The middle one of the numbers.
median() {
  printf '%s\n' "$@" | sort -g | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

calculate() { # expression
  awk "BEGIN { printf \"%.3g\", $1 }"
}

# --- what is printed ----------------------------------------------------------------------------------

rows=()
row() { # figure, what, measured, must reach, condition of the verdict; the last two are left out where nothing is asked for
  local verdict=short
  if [ $# -eq 3 ]; then set -- "$@" - ""; verdict=-; elif holds "$5"; then verdict=reached; fi
  rows+=("$1|$2|$3|$4|$verdict")
  printf '%s: %s: %s (%s): %s\n' "$1" "$2" "$3" "$4" "$verdict" >&2
}

print_table() {
  local line
  printf '\n%s; %s; %s; %s\n\n' "$(nproc) cores" "$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)" \
    "$(awk '/^MemTotal:/ { print int($2 / 1048576 + 0.5) " GiB" }' /proc/meminfo)" "$("$pg_bin/postgres" --version)"
  printf '| figure | what | measured | must reach | verdict |\n| --- | --- | --- | --- | --- |\n'
  for line in "${rows[@]}"; do printf '| %s |\n' "${line//|/ | }"; done
}

holds() { # condition
  awk "BEGIN { exit !($1) }"
}
