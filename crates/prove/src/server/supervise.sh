# Runs a PostgreSQL until standard input ends, then removes every trace of it.
# Arguments: the folder of its programs, the folder for temporary files, the role that owns the server.
trap '' HUP INT TERM QUIT PIPE
umask 077
bin=$1 temp=$2 user=$3
dir=$(mktemp -d "$temp/loadcase-prove.XXXXXX" 2>/dev/null || mktemp -d /tmp/loadcase-prove.XXXXXX) || { echo "no folder can be made in $temp or /tmp"; exit 1; }

give_up() {
    echo "$1"
    tail -n 5 "$dir/log" 2>/dev/null
    rm -rf "$dir"
    exit 1
}

init() {
    "$bin/initdb" -D "$dir/data" -U "$user" -A trust -E UTF8 --locale="$1" -N >"$dir/log" 2>&1 </dev/null
}

init C.UTF-8 || { rm -rf "$dir/data"; init C; } || give_up "initdb failed"

cat >>"$dir/data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$dir'
unix_socket_permissions = 0700
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 8GB
checkpoint_timeout = 1h
autovacuum = off
jit = off
shared_buffers = 256MB
maintenance_work_mem = 256MB
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
max_connections = 20
timezone = 'UTC'
END

"$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 180 start >/dev/null 2>&1 </dev/null || {
    "$bin/pg_ctl" -D "$dir/data" -m immediate -w -t 20 stop >/dev/null 2>&1 </dev/null
    give_up "the server did not start"
}
echo "ready $dir"

# Reads until the other end is gone.
cat >/dev/null

"$bin/pg_ctl" -D "$dir/data" -m immediate -w -t 40 stop >/dev/null 2>&1 </dev/null
rm -rf "$dir"
