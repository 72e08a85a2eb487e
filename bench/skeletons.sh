#!/usr/bin/env bash
# skeletons.sh FOLDER...   Runs the service of written designs against a PostgreSQL of its own.
#
# Each FOLDER is what `loadcase design --out` wrote. The tests of the service run with the schema of the design loaded,
# then the service is started for real and asked whether it is ready. Needs PostgreSQL's programs (PATH, or Debian's
# folder), and the tools of the stack: node, python3, cargo, go or mvn. A stack without its tools is left out and said
# so. Foreign keys are not enforced here: the rows that an example refers to are the business of seed data.
set -u -o pipefail
[ $# -gt 0 ] || { echo "give the folders of written designs" >&2; exit 2; }
bin=$(dirname "$(readlink -f "$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -1)")") || exit 2
[ -x "$bin/initdb" ] || { echo "PostgreSQL's initdb is not here" >&2; exit 2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/skeletons.XXXXXX"); chmod 755 "$work"; port=$((20000 + $$ % 20000)); good=0 bad=0 left=0
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups "$@"; else "$@"; fi; }
[ "$(id -u)" = 0 ] && chown postgres "$work"
end() { as "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1; rm -rf "$work"; }
trap end EXIT
as "$bin/initdb" -D "$work/data" -A trust -U postgres >/dev/null 2>&1 || { echo "initdb failed" >&2; exit 2; }
as "$bin/pg_ctl" -D "$work/data" -w -l "$work/log" -o "-c listen_addresses=127.0.0.1 -p $port -c unix_socket_directories=$work -c fsync=off" start >/dev/null || exit 2
psql=$(command -v psql || echo "$bin/psql")
sql() { "$psql" -X -q -h "$work" -p "$port" -U postgres -v ON_ERROR_STOP=1 "$@"; }

# A database with the schema of a design, and the address by which the service logs in.
database() {
  local name=$1 schema=$2 role
  sql -d postgres -c "CREATE DATABASE $name" && sql -d "$name" -f "$schema" >"$work/schema.log" 2>&1 || { tail -3 "$work/schema.log" >&2; return 1; }
  # The role that the file for developers gives the service.
  role=$(grep -ho 'CREATE ROLE service LOGIN .* IN ROLE [A-Za-z0-9_"]*' "$(dirname "$schema")"/deploy/first-run/*.sh 2>/dev/null | head -1 | sed 's/.* //')
  sql -d "$name" -c "CREATE ROLE service_$name LOGIN PASSWORD 'x'${role:+ IN ROLE $role}" || return 1
  sql -d "$name" -c "CREATE ROLE worker_$name LOGIN PASSWORD 'x'${role:+ IN ROLE ${role%_app}_maintenance}" || return 1
  # As deploy/logins.sh does: members do not step over policies, the role does.
  [ -z "$role" ] || sql -d "$name" -At -c "SELECT rolname FROM pg_roles WHERE rolname = '${role%_app}_identity'" | grep -q . && { sql -d "$name" -c "GRANT ${role%_app}_identity TO service_$name WITH INHERIT FALSE" 2>/dev/null || sql -d "$name" -c "GRANT ${role%_app}_identity TO service_$name" || return 1; }
  [ -z "$role" ] || sql -d "$name" -c "ALTER ROLE worker_$name SET role = ${role%_app}_maintenance" || return 1
  sql -d "$name" -At -c "SELECT format('ALTER TABLE %s DISABLE TRIGGER ALL;', c.oid::regclass) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind IN ('r', 'p') AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema' AND NOT relispartition" | sql -d "$name" || return 1
  echo "postgresql://service_$name:x@127.0.0.1:$port/$name"
}

# Asks a started service until it is ready, at most half a minute.
ready() {
  for _ in $(seq 60); do
    curl --silent --fail "http://127.0.0.1:$1/readyz" >/dev/null && return 0
    sleep 0.5
  done
  return 1
}

n=0
for folder in "$@"; do folder=$(readlink -f "$folder")
  n=$((n + 1)); service=$work/service$n; log=$work/log$n
  [ -d "$folder/service" ] || { echo "$folder: no service"; left=$((left + 1)); continue; }
  url=$(database "d$n" "$folder/schema.sql") || { echo "$folder: the schema was not loaded"; bad=$((bad + 1)); continue; }
  # The rows that its tests find.
  rows=$(find "$folder/service" -name rows.sql | head -1)
  [ -z "$rows" ] || sql -d "d$n" -f "$rows" || { echo "$folder: the rows of its tests were not loaded"; bad=$((bad + 1)); continue; }
  cp -r "$folder/service" "$service"; http=$((port + 100 + n)); pid=
  ( cd "$service" && export DATABASE_URL="$url" PORT=$http
    # The login of workers, for the tests of the table of jobs: where the schema has one.
    grep -q 'CREATE TABLE job (' "$folder/schema.sql" && export WORKER_DATABASE_URL="${url/service_d/worker_d}"
    if [ -f package.json ]; then
      command -v npm >/dev/null || exit 3; npm install --no-audit --no-fund --loglevel=error && npm test
    elif [ -f requirements.txt ]; then
      command -v python3 >/dev/null || exit 3; python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt && .venv/bin/python -m pytest -q
    elif [ -f Cargo.toml ]; then
      command -v cargo >/dev/null || exit 3; CARGO_TARGET_DIR=${SKELETON_TARGET:-$work/target} cargo test
    elif [ -f go.mod ]; then
      command -v go >/dev/null || exit 3; go mod tidy && go test ./...
    else
      command -v mvn >/dev/null || exit 3; mvn --batch-mode --no-transfer-progress test
    fi ) >"$log" 2>&1; status=$?
  [ $status = 3 ] && { echo "$folder: its tools are not here"; left=$((left + 1)); continue; }
  if [ $status = 0 ]; then
    cd "$service" || exit 2
    case $(ls) in
      *package.json*) DATABASE_URL=$url PORT=$http node src/main.js >>"$log" 2>&1 & pid=$! ;;
      *requirements.txt*) DATABASE_URL=$url PORT=$http .venv/bin/python -m app >>"$log" 2>&1 & pid=$! ;;
      *Cargo.toml*) DATABASE_URL=$url PORT=$http "${SKELETON_TARGET:-$work/target}/debug/service" >>"$log" 2>&1 & pid=$! ;;
      *go.mod*) go build -o "$work/go$n" . && { DATABASE_URL=$url PORT=$http "$work/go$n" >>"$log" 2>&1 & pid=$!; } ;;
      *) DATABASE_URL=$url PORT=$http mvn --batch-mode --quiet spring-boot:run >>"$log" 2>&1 & pid=$! ;;
    esac
    cd - >/dev/null || exit 2
    ready "$http" || { echo "$folder: started, but never ready"; status=1; }
    [ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
  fi
  if [ $status = 0 ]; then good=$((good + 1)); echo "$folder: tested and started"; else bad=$((bad + 1)); echo "$folder: failed"; grep -E "^not ok|error:|expected:|actual:" "$log" | head -20; tail -15 "$log"; fi
done
echo "skeletons: $good good, $bad bad, $left left out"
[ "$bad" = 0 ]
