#!/usr/bin/env bash
# Installs the packages with apt on a bare Debian in a folder of its own, and does
# there what a first evening does: authorities, certificates, a broker, profiles,
# agencies, status, doctor; then removes them again. With ENTENTE_LONG and as root
# only: it downloads a system.
#   bare_system.sh BUILD
set -euo pipefail
[ -n "${ENTENTE_LONG:-}" ] || { echo 'bare_system.sh: skipped: minutes long; ./dev test --long'; exit 77; }
[ "$(id -u)" = 0 ] || { echo 'bare_system.sh: skipped: needs root'; exit 77; }
command -v mmdebstrap >/dev/null || { echo 'bare_system.sh: skipped: no mmdebstrap'; exit 77; }
build=$1
work=$(mktemp -d)
broker=
finish() {
  [ -z "$broker" ] || kill "$broker" 2>/dev/null || true
  [ -z "$broker" ] || wait "$broker" 2>/dev/null || true
  ! mountpoint -q "$work/root/proc" || umount "$work/root/proc"
  rm -rf "$work"
}
trap finish EXIT
fail() { printf 'bare_system.sh: %s\n' "$*" >&2; exit 1; }
quietly() { "$@" >"$work/log" 2>&1 || { tail -40 "$work/log" >&2; fail "$1 failed"; }; }

cd "$work"
quietly cpack --config "$build/CPackConfig.cmake" -G DEB -B "$work/made"
sources=/etc/apt/sources.list.d/debian.sources
[ -f "$sources" ] || sources=/etc/apt/sources.list
quietly mmdebstrap --variant=apt --mode=root bookworm "$work/root" "$sources"
cp /etc/resolv.conf "$work/root/etc/resolv.conf"
mkdir "$work/root/packages" && cp "$work"/made/*.deb "$work/root/packages/"
mount -t proc proc "$work/root/proc"
inside=(chroot "$work/root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive)
there() { "${inside[@]}" "$@"; }
quietly there apt-get update
for package in entente-broker entente-client libentente-dev; do
  [ "$package" != libentente-dev ] || [ -n "${ENTENTE_BARE_DEV:-}" ] || continue
  quietly there sh -c "apt-get install -y --no-install-recommends /packages/${package}_*.deb"
done
[ "$(stat -c %a "$work/root/etc/entente/broker.conf")" = 644 ] || fail 'broker.conf has a strange mode'

e() { there entente "$@" >>"$work/said" 2>&1 || { tail -20 "$work/said" >&2; fail "entente $1 $2"; }; }
there mkdir -p /srv/first
cat >"$work/root/srv/first/passphrase" <<<'a passphrase of the test'
chmod 600 "$work/root/srv/first/passphrase"
at=/srv/first
for who in operator northmere; do e ca init "$at/$who" --name "$who"; done
e ca issue $at/operator --uri spiffe://bare.example/broker/broker.bare.example --ip 127.0.0.1 --out $at/broker
e ca issue $at/operator --uri spiffe://bare.example/operator/duty --out $at/duty
e ca issue $at/northmere --uri spiffe://bare.example/agency/northmere/system/records --out $at/records
"${inside[@]}" entente-broker --data $at/data --listen 127.0.0.1:0 --name broker.bare.example --trust-domain bare.example \
  --certificate $at/broker/certificate.pem --private-key $at/broker/key.pem --operator-root $at/operator/root.pem \
  --passphrase-file $at/passphrase >"$work/broker.log" 2>&1 &
broker=$!
# Ends with the broker, should it not serve.
serving=$(grep -m1 '"serving"' < <(timeout 120 tail -n +1 -f --pid="$broker" "$work/broker.log")) || { cat "$work/broker.log" >&2; fail 'the broker does not serve'; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$serving"; }
for who in duty:operator records:northmere; do
  name=${who%:*}
  e --profile $at/profiles/"$name" profile init --broker "$(field address)" --broker-name broker.bare.example \
    --broker-root $at/operator/root.pem --ledger-key "$(field ledger_key)" --certificate $at/"$name"/certificate.pem \
    --key $at/"$name"/key.pem --root $at/"${who#*:}"/root.pem
done
e --profile $at/profiles/duty agency add northmere --name Northmere --root $at/northmere/root.pem
e --profile $at/profiles/records status
e --profile $at/profiles/records doctor
kill "$broker" && wait "$broker" || fail 'the broker did not drain and end with 0'
broker=
quietly there apt-get purge -y entente-broker entente-client
[ ! -e "$work/root/usr/bin/entente" ] && [ ! -e "$work/root/etc/entente/broker.conf" ] || fail 'purge leaves files'
[ -d "$work/root/srv/first/data" ] || fail 'purge removed data'
echo "bare system: installed, used and purged"
