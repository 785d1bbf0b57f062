#!/usr/bin/env bash
# Installs a build into a new prefix, looks at what is there, and builds and runs
# a program outside the tree against it.
#   prefix.sh BUILD STORY
set -euo pipefail
build=$1 story=$2 here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix

fail() { printf 'prefix.sh: %s\n' "$*" >&2; exit 1; }

# What reads pages, completions and the unit; without it nothing would be known.
for tool in mandoc zsh fish systemd-analyze; do
  command -v $tool >/dev/null || fail "$tool is not installed: ./dev deps"
done

cmake --install "$build" --prefix "$prefix" >"$work/log" || { cat "$work/log" >&2; exit 1; }
for file in bin/entente bin/entente-broker etc/entente/broker.conf \
  lib/systemd/system/entente-broker.service include/entente/client/entente.h \
  share/man/man1/entente.1 share/man/man1/entente-agreement.1 share/man/man8/entente-broker.8 \
  share/bash-completion/completions/entente share/bash-completion/completions/entente-broker \
  share/zsh/vendor-completions/_entente share/fish/vendor_completions.d/entente.fish; do
  [ -s "$prefix/$file" ] || fail "$file is not installed"
done

# The headers stand alone, and show nothing of what they are made of.
for header in "$prefix"/include/entente/client/*.h; do
  grep -qE 'grpc|protobuf|openssl|sodium|sqlite|nlohmann' "$header" && fail "$header lets internals through"
  g++ -std=c++20 -fsyntax-only -Wall -Wextra -Werror -x c++ -I "$prefix/include/entente" "$header" ||
    fail "$header does not stand alone"
done

# Every command of the program has a page, and a completion that offers it.
pages=$("$prefix/bin/entente" --help | awk '/^Subcommands:/ { on = 1; next } on { print $1 }')
[ -n "$pages" ] || fail "entente --help lists no command"
for command in $pages; do
  [ -s "$prefix/share/man/man1/entente-$command.1" ] || fail "no page of entente $command"
done
mandoc -T lint -W warning "$prefix"/share/man/man?/* || fail "mandoc finds fault with a page"

# The run book knows every event that the broker can log.
broker=$here/../../broker
grep -rhozE --include='*.cc' --exclude='*_test.cc' '(log|log_)(->|\.)(Info|Warning|Error)\(\s*"[a-z_]+"' "$broker" |
  tr '\0' '\n' | grep -oE '"[a-z_]+"' | tr -d '"' | sort -u >"$work/events"
[ "$(wc -l <"$work/events")" -ge 10 ] || fail 'the events of the log were not found'
while IFS= read -r event; do
  grep -qF "\`$event\`" "$broker/README.md" || fail "broker/README.md does not say what \"$event\" in the log means"
done <"$work/events"

complete_bash() {
  bash --norc -c '. "$1"; COMP_WORDS=("${@:2}"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _entente; printf "%s\n" "${COMPREPLY[@]}"' \
    bash "$prefix/share/bash-completion/completions/entente" "$@"
}
complete_bash entente agr | grep -qx agreement || fail 'bash does not complete a group'
complete_bash entente agreement si | grep -qx sign || fail 'bash does not complete a command'
complete_bash entente --profile x -o json agreement sign --ver | grep -qx -- --version || fail 'bash does not complete an option'
complete_bash entente status -o js | grep -qx json || fail 'bash does not complete a format'
complete_fish() {
  fish --no-config -c "source '$prefix/share/fish/vendor_completions.d/entente.fish'; complete -C '$1'"
}
complete_fish 'entente agr' | grep -q '^agreement' || fail 'fish does not complete a group'
complete_fish 'entente agreement si' | grep -q '^sign' || fail 'fish does not complete a command'
complete_fish 'entente agreement sign --ver' | grep -q -- '^--version' || fail 'fish does not complete an option'
for shell in zsh fish; do
  for file in "$prefix"/share/$shell/*/*; do $shell -n "$file" || fail "$shell cannot read $file"; done
done

# Worst 10.0; this unit is at 1.4.
systemd-analyze security --offline=true --threshold=20 --no-pager \
  "$prefix/lib/systemd/system/entente-broker.service" >"$work/security" 2>&1 ||
  { tail -3 "$work/security" >&2; fail 'the unit is not as tight as it was'; }

# A renewed key must be one that the broker's account can read, and be asked for.
grep -q '^ExecReload=' "$prefix/lib/systemd/system/entente-broker.service" || fail 'the unit cannot reload a certificate'
grep -q '^LoadCredential=.*private_key' "$prefix/lib/systemd/system/entente-broker.service" &&
  fail 'the unit holds on to the private key of its start'

"$prefix/bin/entente-broker" --config "$prefix/etc/entente/broker.conf" --workers 1025 2>"$work/err" && fail 'bad settings were taken'
grep -q 'workers: must be a number from 0 to 1024' "$work/err" || { cat "$work/err" >&2; fail 'the installed settings are not read'; }

cmake -S "$here/outside" -B "$work/outside" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
cmake --build "$work/outside" >"$work/log" 2>&1 || { tail -40 "$work/log" >&2; exit 1; }
"$story" "$prefix/bin" "$work/outside/outside" "$work/world"
