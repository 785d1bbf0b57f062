#!/usr/bin/env bash
# Installs the packages with apt on a bare Debian in a folder of its own, and does
# there what a first evening does: authorities, certificates, a broker, profiles,
# agencies, an agreement, a first exchange, status, doctor; then removes them
# again. With ENTENTE_LONG and as root only: it downloads a system.
#   bare_system.sh BUILD
set -euo pipefail
fail() { printf 'bare_system.sh: %s\n' "$*" >&2; exit 1; }
skip() { printf '*** bare_system.sh: NOT RUN: %s\n' "$*" >&2; exit 77; }
[ -n "${ENTENTE_LONG:-}" ] || skip 'minutes long: ./dev test --long'
[ "$(id -u)" = 0 ] || skip 'it takes root'
command -v mmdebstrap >/dev/null || fail 'mmdebstrap is not installed: ./dev deps'
build=$1 here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
broker=
finish() {
  [ -z "$broker" ] || kill "$broker" 2>/dev/null || true
  [ -z "$broker" ] || wait "$broker" 2>/dev/null || true
  ! mountpoint -q "$work/root/proc" || umount "$work/root/proc"
  rm -rf "$work"
}
trap finish EXIT
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
  quietly there sh -c "apt-get install -y --no-install-recommends /packages/${package}_*.deb"
done
[ "$(stat -c %a "$work/root/etc/entente/broker.conf")" = 644 ] || fail 'broker.conf has a strange mode'
[ "$(there stat -c '%U %a' /etc/entente/private)" = 'entente-broker 700' ] || fail "the broker's account does not own its key's folder"

e() { there entente "$@" >>"$work/said" 2>&1 || { tail -20 "$work/said" >&2; fail "entente $1 $2"; }; }
there mkdir -p /srv/first
cat >"$work/root/srv/first/passphrase" <<<'a passphrase of the test'
chmod 600 "$work/root/srv/first/passphrase"
at=/srv/first
for who in operator northmere westvale; do e ca init "$at/$who" --name "$who"; done
e ca issue $at/operator --uri spiffe://bare.example/broker/broker.bare.example --ip 127.0.0.1 --out $at/broker
e ca issue $at/operator --uri spiffe://bare.example/operator/duty --out $at/duty
for who in northmere westvale; do
  e ca issue $at/$who --uri spiffe://bare.example/agency/$who/system/records --out $at/$who-records
  e ca issue $at/$who --uri spiffe://bare.example/agency/$who/signatory/siro --out $at/$who-siro
done
"${inside[@]}" entente-broker --data $at/data --listen 127.0.0.1:0 --name broker.bare.example --trust-domain bare.example \
  --certificate $at/broker/certificate.pem --private-key $at/broker/key.pem --operator-root $at/operator/root.pem \
  --passphrase-file $at/passphrase >"$work/broker.log" 2>&1 &
broker=$!
# Ends with the broker, should it not serve.
serving=$(grep -m1 '"serving"' < <(timeout 120 tail -n +1 -f --pid="$broker" "$work/broker.log")) || { cat "$work/broker.log" >&2; fail 'the broker does not serve'; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$serving"; }
as() { local profile=$1; shift; e --profile $at/profiles/"$profile" "$@"; }
for who in duty:operator {northmere,westvale}-{records,siro}:; do
  name=${who%:*} root=${who#*:}
  as "$name" profile init --broker "$(field address)" --broker-name broker.bare.example \
    --broker-root $at/operator/root.pem --ledger-key "$(field ledger_key)" --certificate $at/"$name"/certificate.pem \
    --key $at/"$name"/key.pem --root $at/"${root:-${name%-*}}"/root.pem
done
for who in northmere westvale; do
  as duty agency add $who --name $who --root $at/$who/root.pem
  as $who-records keys request --out $at/$who-keys.json
  as $who-siro keys publish $at/$who-keys.json
done

# The first exchange of the README, with the example that is installed.
root() { there entente ca show "$at/$1/root.pem" -o json | grep -o '"spki":"[0-9a-f]*"' | cut -d '"' -f 4; }
sed -e "s|@LEDGER_KEY@|$(field ledger_key)|" -e "s|@NORTHMERE_ROOT@|$(root northmere)|" -e "s|@WESTVALE_ROOT@|$(root westvale)|" \
  -e 's|broker\.example|broker.bare.example|' \
  -e "s|@YESTERDAY@|$(date -u -d yesterday +%F)|" -e "s|@FROM@|$(date -u +%F)|" \
  -e "s|@REVIEW@|$(date -u -d '+10 months' +%F)|" -e "s|@UNTIL@|$(date -u -d '+11 months' +%F)|" \
  "$work/root/usr/share/entente/examples/first-exchange.yaml" >"$work/root$at/agreement.yaml"
as northmere-siro agreement propose $at/agreement.yaml
digest=$(there entente --profile $at/profiles/northmere-siro agreement show isa-first-exchange -o json | grep -o '"digest":"[0-9a-f]*"' | cut -d '"' -f 4)
for who in northmere westvale; do as $who-siro agreement sign isa-first-exchange --digest "$digest"; done
printf '%s\n' ref,person,surname,grade N-1,1985/5285709D,Medlock,high N-2,1987/8743297G,Lathom,low >"$work/root$at/people.csv"
printf '%s\n' ref,person W-7,1985/5285709D >"$work/root$at/known.csv"
enrol=(enrol --agreement isa-first-exchange --scheme pnc/1 --column person --ref ref)
as northmere-records "${enrol[@]}" $at/people.csv
as westvale-records "${enrol[@]}" $at/known.csv
as northmere-records send --agreement isa-first-exchange --flow persons --purpose investigate-series --case OP-FIRST/1 $at/people.csv
as westvale-records receive --agreement isa-first-exchange --out $at/inbox
[ "$(cat "$work/root$at/inbox"/*.jsonl | wc -l)" -eq 2 ] || fail 'not two records came'
grep -q 'W-7' "$work/root$at/inbox"/*.jsonl || fail 'the recipient did not find its own person'
as westvale-records audit verify --agreement isa-first-exchange
as westvale-records status
as westvale-records doctor

# A program of somebody else's, against the library that is installed.
quietly there apt-get install -y --no-install-recommends g++ cmake make
mkdir "$work/root$at/outside" && cp "$here"/outside/* "$work/root$at/outside/"
quietly there sh -c "cd $at/outside && cmake . && make"
outside() {
  local profile=$1 expected=$2 said; shift 2
  said=$(there $at/outside/outside $at/profiles/"$profile" isa-first-exchange "$@")
  [ "$said" = "$expected" ] || fail "the program outside: $*: \"$said\" instead of \"$expected\""
}
outside northmere-records '1 1' enrol
outside northmere-records 2 send
outside westvale-records $'high W-7\nlow nobody' receive
kill "$broker" && wait "$broker" || fail 'the broker did not drain and end with 0'
broker=
quietly there apt-get purge -y entente-broker entente-client libentente-dev
[ ! -e "$work/root/usr/bin/entente" ] && [ ! -e "$work/root/etc/entente/broker.conf" ] || fail 'purge leaves files'
[ -d "$work/root/srv/first/data" ] || fail 'purge removed data'
echo "bare system: installed, used and purged"
