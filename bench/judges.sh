#!/usr/bin/env bash
# bench/judges.sh [JUDGES]: designs every domain of the catalog and lets tools that nobody here wrote judge the files.
#
# JUDGES (argument or environment) is the folder with judge-openapi.sh, judge-asyncapi.sh, judge-graphql.sh and
# judge-proto.sh; each takes files and ends with a line of counts. LOADCASE is the binary (default: built here), OUT
# the folder to write into (default: a temporary one), DOMAINS a list of domains (default: all). Exit code 1 when a
# judge found an error.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
JUDGES=${1:-${JUDGES:?give the folder with the judges}}
OUT=${OUT:-$(mktemp -d)}
DOMAINS=${DOMAINS:-$(cd "$root/catalog/domains" && ls ./*.yaml | sed 's#^\./##; s#\.yaml$##')}
if [ -z "${LOADCASE:-}" ]; then
  (cd "$root" && cargo build --quiet --package loadcase-cli)
  LOADCASE=${CARGO_TARGET_DIR:-$root/target}/debug/loadcase
fi
failed=0

judge() { # JUDGE FILE...
  local script=$1
  shift
  [ $# -gt 0 ] || return 0
  "$JUDGES/$script" "$@" || failed=1
}

# The sentence that leads to a domain: its name, unless another domain's phrases weigh more.
sentence() {
  case $1 in
  design-collaboration) echo "A collaborative design tool with multiplayer editing" ;;
  education) echo "An online learning platform for schools with courses and lessons" ;;
  monitoring) echo "An uptime monitoring and log management service" ;;
  notification-service) echo "A notification service that sends emails and SMS for other companies" ;;
  *) sed -n 's/^name: *//p' "$root/catalog/domains/$1.yaml" | head -1 ;;
  esac
}

designs() {
  for domain in $DOMAINS; do
    "$LOADCASE" design "$(sentence "$domain"), 200,000 users, 8 engineers" --no-input --out "$OUT/designs/$domain" \
      >/dev/null 2>&1 || echo "$domain: no design"
  done
}

# Each style that can be chosen, for each domain and for names that are hard to quote.
contracts() {
  for blueprint in "$OUT"/designs/*/blueprint.yaml "$root/crates/publish/tests/it/nasty.yaml"; do
    name=$(basename "$(dirname "$blueprint")")
    for style in rest pages graphql grpc; do
      "$LOADCASE" contract "$blueprint" --style $style --tokens --out "$OUT/contracts/$style/$name" >/dev/null 2>&1 ||
        { echo "$blueprint: no contract as $style"; failed=1; }
    done
  done
}

judge_openapi() {
  judge judge-openapi.sh "$OUT"/designs/*/openapi.yaml
  for style in rest pages graphql grpc; do judge judge-openapi.sh "$OUT"/contracts/$style/*/openapi.yaml; done
}
judge_asyncapi() { judge judge-asyncapi.sh "$OUT"/designs/*/asyncapi.yaml "$OUT"/contracts/rest/*/asyncapi.yaml; }
judge_graphql() { judge judge-graphql.sh "$OUT"/contracts/graphql/*/schema.graphql; }
judge_proto() { judge judge-proto.sh "$OUT"/contracts/grpc/*/proto; }

designs
contracts
judge_graphql
judge_proto
judge_asyncapi
judge_openapi
exit $failed
