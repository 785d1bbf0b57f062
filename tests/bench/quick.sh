#!/usr/bin/env bash
# ./dev bench --quick measures every line, within three minutes. With --long.
set -euo pipefail
bench=$1 entente=$2 broker=$3 templates=$4
if [ -z "${ENTENTE_LONG:-}" ]; then
  echo "skipped: three minutes long: ./dev test --long"
  exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ln -s "$entente" "$folder/entente"
ln -s "$broker" "$folder/entente-broker"
said=$(timeout 180 "$bench" --quick -o json --programs "$folder" --templates "$templates")
echo "$said"
for line in records_proof_always records_proof_none enrolments broker_memory small_calls appends checks_at_start \
  decisions_10 decisions_1000 decisions_10000 \
  register_load_10000 register_memory_10000 register_change_10000 register_diff_10000 register_overlaps_10000; do
  grep -q "\"id\":\"$line\"" <<<"$said" || { echo "no line $line"; exit 1; }
done
