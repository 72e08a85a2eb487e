#!/usr/bin/env bash
# bench/judges.sh [JUDGES [JUDGE...]]: designs every domain at two sizes, five stacks, six stores and six platforms, and
# lets tools that nobody here wrote judge every file.
#
# JUDGES (argument or environment) is the folder with judge-openapi.sh, judge-sql.sh and the others; each takes files
# and ends with a line of counts. JUDGE... picks some of: graphql proto asyncapi openapi sql rls compose prometheus
# terraform markdown mermaid (default: all). LOADCASE is the binary (default: built here), OUT the folder to write into
# (default: a temporary one; designs found there are judged again as they are), DOMAINS a list of domains (default:
# all). Exit code 1 when a judge found an error, or a design or contract was not made.
set -euo pipefail
shopt -s nullglob globstar
root=$(cd "$(dirname "$0")/.." && pwd)
JUDGES=${1:-${JUDGES:?give the folder with the judges}}
shift || true
OUT=${OUT:-$(mktemp -d)}
DOMAINS=${DOMAINS:-$(cd "$root/catalog/domains" && ls ./*.yaml | sed 's#^\./##; s#\.yaml$##')}
if [ -z "${LOADCASE:-}" ]; then
  (cd "$root" && cargo build --quiet --package loadcase-cli)
  LOADCASE=${CARGO_TARGET_DIR:-$root/target}/debug/loadcase
fi
failed=0

judge() { # SCRIPT FILE...
  local script=$1 args=()
  shift
  while [ "${1#--}" != "${1:-}" ]; do args+=("$1" "$2"); shift 2; done
  [ $# -gt 0 ] || return 0
  "$JUDGES/$script" "${args[@]}" "$@" || failed=1
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

design() { # NAME SENTENCE
  [ -f "$OUT/designs/$1/blueprint.yaml" ] || "$LOADCASE" design "$2" --no-input --out "$OUT/designs/$1" \
    >"$OUT/$1.log" 2>&1 || [ -f "$OUT/designs/$1/blueprint.yaml" ] || { echo "$1: no design"; failed=1; }
}

designs() {
  local shop="An online shop with 200,000 customers and 3000 orders a day, team of 8"
  mkdir -p "$OUT"
  for domain in $DOMAINS; do
    design "$domain" "$(sentence "$domain"), 200,000 users, 8 engineers"
    design "$domain-large" "$(sentence "$domain"), 20 million users, 60 engineers"
  done
  for stack in Express FastAPI Gin "Spring Boot" Axum; do design "stack-${stack// /-}" "$shop. Must use $stack."; done
  for store in MySQL MariaDB SQLite MongoDB DynamoDB Cassandra; do design "store-$store" "$shop. Must use $store."; done
  for platform in AWS "Google Cloud" Azure Kubernetes Heroku Fly.io; do
    design "platform-${platform// /-}" "$shop. Must use $platform."
  done
}

# Each style that can be chosen, for each domain and for names that are hard to quote.
contracts() {
  local blueprint name style domain
  for blueprint in "$root/crates/publish/tests/it/nasty.yaml" $(for domain in $DOMAINS; do echo "$OUT/designs/$domain/blueprint.yaml"; done); do
    name=$(basename "$(dirname "$blueprint")")
    for style in rest pages graphql grpc; do
      [ -d "$OUT/contracts/$style/$name" ] || "$LOADCASE" contract "$blueprint" --style $style --tokens \
        --out "$OUT/contracts/$style/$name" >/dev/null 2>&1 || { echo "$blueprint: no contract as $style"; failed=1; }
    done
  done
}

judge_graphql() { judge judge-graphql.sh "$OUT"/{designs,contracts/graphql}/*/schema.graphql; }
judge_proto() { judge judge-proto.sh "$OUT"/{designs,contracts/grpc}/*/proto; }
judge_asyncapi() { judge judge-asyncapi.sh "$OUT"/{designs,contracts/rest}/*/asyncapi.yaml; }
judge_openapi() {
  judge judge-openapi.sh "$OUT"/designs/*/openapi.yaml
  for style in rest pages graphql grpc; do judge judge-openapi.sh "$OUT"/contracts/$style/*/openapi.yaml; done
}
judge_sql() {
  for version in 15 17 18; do
    for schema in $(grep -lE 'CREATE ROLE|LANGUAGE plpgsql|timestamptz' "$OUT"/designs/*/schema.sql); do judge judge-sql.sh --pg "$version" "$schema"; done
  done
}
judge_rls() { for schema in $(grep -l 'ROW LEVEL SECURITY' "$OUT"/designs/*/schema.sql); do judge judge-rls.sh --pg 17 "$schema"; done; }
judge_compose() { judge judge-compose-k8s.sh "$OUT"/designs/*/deploy/compose.yaml "$OUT"/designs/*/service/Dockerfile "$OUT"/designs/*/deploy/kubernetes/**/*.yaml; }
judge_prometheus() { judge judge-prometheus.sh "$OUT"/designs/*/deploy/observability/{alerts,alerts.test,prometheus}.yaml; }
judge_terraform() { judge judge-terraform.sh "$OUT"/designs/*/deploy/terraform/; }
judge_markdown() { judge judge-markdown.sh "$OUT"/designs/**/*.md; }
judge_mermaid() { judge judge-mermaid.sh $(grep -l '```mermaid' "$OUT"/designs/*/*.md); }

designs
contracts
for name in ${*:-graphql proto asyncapi sql rls compose prometheus terraform markdown mermaid openapi}; do "judge_$name"; done
exit $failed
