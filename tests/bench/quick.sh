#!/usr/bin/env bash
# ./dev bench measures every line; with --long, --quick does so within three
# minutes.
set -euo pipefail
bench=$1 entente=$2 broker=$3 templates=$4
how=(timeout 600 "$bench" --glance)
[ -z "${ENTENTE_LONG:-}" ] || how=(timeout 180 "$bench" --quick)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ln -s "$entente" "$folder/entente"
ln -s "$broker" "$folder/entente-broker"
said=$("${how[@]}" -o json --programs "$folder" --templates "$templates")
echo "$said"
for line in records_proof_always records_proof_none enrolments broker_memory small_calls appends checks_at_start proofs \
  mirror_verified mirror_searched \
  decisions_10 decisions_1000 decisions_10000 \
  register_load_10000 register_memory_10000 register_change_10000 register_diff_10000 register_overlaps_10000; do
  grep -q "\"id\":\"$line\"" <<<"$said" || { echo "no line $line"; exit 1; }
done
