#!/usr/bin/env bash
# Makes the Debian packages of a build, reads them, and runs what is in them from
# a throwaway root.
#   packages.sh BUILD
set -euo pipefail
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { printf 'packages.sh: %s\n' "$*" >&2; exit 1; }

(cd "$work" && cpack --config "$build/CPackConfig.cmake" -G DEB -B "$work/made" >log 2>&1) || { tail -30 "$work/log" >&2; exit 1; }
shopt -s nullglob
for package in entente-broker entente-client libentente-dev; do
  files=("$work"/made/"$package"_*.deb)
  [ ${#files[@]} -eq 1 ] || fail "$package: ${#files[@]} packages instead of one"
  dpkg-deb -I "${files[0]}" >"$work/$package.info"
  dpkg-deb -c "${files[0]}" >"$work/$package.list"
  grep -qE "^ Package: $package$" "$work/$package.info" || fail "$package: wrong name"
  grep -qE 'root/root' "$work/$package.list" || fail "$package: files are not root's"
  grep -qE ' \./(usr/local|usr/etc|home|tmp)/' "$work/$package.list" && fail "$package: files where no package puts them"
done
needs() { grep -E '^ Depends:' "$work/$1.info" | grep -qF "$2" || fail "$1 does not depend on $2"; }
has() { grep -qE " \./$2\$" "$work/$1.list" || fail "$1 has no $2"; }
needs entente-broker libgrpc++
needs entente-broker libsqlite3-0
needs entente-broker libprometheus-cpp-core
needs entente-client libgrpc++
needs libentente-dev libgrpc++-dev
has entente-broker usr/bin/entente-broker
has entente-broker etc/entente/broker.conf
has entente-broker usr/lib/systemd/system/entente-broker.service
has entente-broker usr/share/man/man8/entente-broker.8
has entente-client usr/bin/entente
has entente-client usr/share/man/man1/entente-send.1
has libentente-dev usr/include/entente/client/entente.h
has libentente-dev 'usr/lib/[^/]*/?cmake/Entente/EntenteConfig.cmake|usr/lib/cmake/Entente/EntenteConfig.cmake'

dpkg-deb --ctrl-tarfile "$work"/made/entente-broker_*.deb | tar -xO ./conffiles | grep -qx /etc/entente/broker.conf || fail 'broker.conf is no conffile'
for file in "$work"/made/*.deb; do dpkg-deb -x "$file" "$work/root"; done
# dpkg itself, with its database in the throwaway root; what the packages need is
# on this machine and not in that root.
mkdir -p "$work/admin/var/lib/dpkg"/{info,updates,triggers} && : >"$work/admin/var/lib/dpkg/status"
if [ "$(id -u)" = 0 ]; then
  dpkg --root="$work/admin" --force-depends --force-script-chrootless --unpack "$work"/made/entente-broker_*.deb "$work"/made/entente-client_*.deb >"$work/log" 2>&1 || { cat "$work/log" >&2; fail 'dpkg does not unpack the packages'; }
  [ -x "$work/admin/usr/bin/entente" ] || fail 'dpkg unpacked no program'
fi
"$work/root/usr/bin/entente" --help | grep -q 'entente agreement check' || fail 'the packaged command does not run'
version=$("$work/root/usr/bin/entente-broker" --version)
grep -qE "^ Version: $version" "$work/entente-broker.info" || fail "package and program differ: $version"
ldd "$work/root/usr/bin/entente-broker" "$work/root/usr/bin/entente" | grep 'not found' && fail 'a library is missing'
echo "packages: $(cd "$work/made" && echo *.deb)"
