#!/usr/bin/env bash
# Follows "Two machines" in the README to the letter, each machine in a network
# namespace of its own: the blocks are read from the text and run as they stand.
# Only two things are stood in for, and said so: ssh between the homes, and `apt
# install`, which would change this machine; the files of the same packages are
# unpacked into a folder instead. `bare_system.sh` installs them with apt.
#   two_machines.sh SOURCE BUILD
set -euo pipefail
source=$1 build=$2
if [ -z "${ENTENTE_NAMESPACE:-}" ]; then
  # A network, and the folders that the text names, for this script alone.
  if ! unshare --net --mount true 2>/dev/null; then
    printf '%s\n' '*** two_machines.sh: NOT RUN. The README was not followed: network namespaces take root.' \
      '*** Run it as root: sudo ./dev test install.two_machines' >&2
    exit 77
  fi
  ENTENTE_NAMESPACE=1 exec unshare --net --mount --propagation private "$0" "$@"
fi

work=$(mktemp -d)
one=192.0.2.1 two=192.0.2.2
pids=()
finish() {
  # The broker, which the text leaves running, and the second namespace.
  [ ! -s "$work/broker.pid" ] || kill "$(cat "$work/broker.pid")" 2>/dev/null || true
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  umount /usr/share/entente 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
fail() {
  printf 'two_machines.sh: %s\n' "$*" >&2
  [ ! -s "$work/$one/exchange/broker.log" ] || tail -5 "$work/$one/exchange/broker.log" >&2
  exit 1
}

install='    sudo apt install ./entente-broker_*.deb ./entente-client_*.deb'
grep -qxF -- "$install" "$source/README.md" || fail "the README does not say: $install"
echo "two_machines.sh: instead of:$install"
echo 'two_machines.sh: the files of these packages are unpacked into a folder, by dpkg-deb -x'
(cd "$work" && cpack --config "$build/CPackConfig.cmake" -G DEB -B "$work/made" >log 2>&1) || { tail -30 "$work/log" >&2; fail 'no packages'; }
for package in entente-broker entente-client; do dpkg-deb -x "$work/made/$package"_*.deb "$work/root"; done
# Where the packages put the example.
made=
[ -d /usr/share/entente ] || { mkdir /usr/share/entente; made=1; }
mount --bind "$work/root/usr/share/entente" /usr/share/entente
[ -z "$made" ] || trap 'finish; rmdir /usr/share/entente 2>/dev/null || true' EXIT

# Two machines with a cable between them.
unshare --net sleep 600 &
pids+=($!)
other=$!
mkdir -p "$work/bin" "$work/$one" "$work/$two"
for _ in $(seq 100); do
  [ "$(readlink /proc/$other/ns/net)" = "$(readlink /proc/self/ns/net)" ] || break
  sleep 0.05
done
ip link add one type veth peer name two
ip link set two netns "$other"
ip addr add $one/24 dev one
ip link set one up
ip link set lo up
nsenter --net=/proc/$other/ns/net ip addr add $two/24 dev two
nsenter --net=/proc/$other/ns/net ip link set two up
nsenter --net=/proc/$other/ns/net ip link set lo up

# What stands in for ssh between the two homes.
cat >"$work/bin/scp" <<SCP
#!/usr/bin/env bash
set -e
words=()
for word in "\$@"; do
  case \$word in
    *:*) words+=("$work/\${word%%:*}/\${word#*:}") ;;
    *) words+=("\$word") ;;
  esac
done
exec cp "\${words[@]}"
SCP
# Keeps the number of the broker that the text leaves in the background.
cat >"$work/bin/nohup" <<NOHUP
#!/usr/bin/env bash
echo \$\$ >"$work/broker.pid"
exec /usr/bin/nohup "\$@"
NOHUP
chmod +x "$work/bin/scp" "$work/bin/nohup"

run_on() { # MACHINE SCRIPT
  local enter=()
  [ "$1" = $one ] || enter=(nsenter "--net=/proc/$other/ns/net")
  printf '%s\n' "--- on $1" >>"$work/said"
  HOME=$work/$1 XDG_CONFIG_HOME=$work/$1/.config PATH=$work/bin:$work/root/usr/bin:$PATH ENTENTE_PROFILE='' \
    "${enter[@]}" bash -euo pipefail -c "$2" </dev/null >>"$work/said" 2>&1 ||
    { tail -30 "$work/said" >&2; fail "on $1, this did not work: $2"; }
}

wait_for_broker() {
  for _ in $(seq 600); do
    grep -q '"event":"serving"' "$work/$one/exchange/broker.log" 2>/dev/null && return
    sleep 0.1
  done
  fail 'the broker does not serve'
}

# The indented blocks of the section, each until the next line that is not.
blocks=0 script='' machines=()
end_block() {
  [ -n "$script" ] && [ ${#machines[@]} -gt 0 ] || { script=''; machines=(); return 0; }
  local machine
  for machine in "${machines[@]}"; do run_on "$machine" "$script"; done
  [[ $script != *nohup* ]] || wait_for_broker
  blocks=$((blocks + 1)) script='' machines=()
}
while IFS= read -r line; do
  case $line in
    '    # on '*) end_block; read -ra machines <<<"${line//[^0-9. ]/}" ;;
    '    '*) script+=${line#    }$'\n' ;;
    *) end_block ;;
  esac
done < <(sed -n '/^## Two machines$/,/^## /p' "$source/README.md" | sed '$d')
end_block
[ $blocks -ge 10 ] || fail "only $blocks blocks were found in the README"

inbox=("$work/$two"/exchange/inbox/*.jsonl)
[ "$(cat "${inbox[@]}" | wc -l)" -eq 2 ] || fail 'Westvale did not get two records'
grep -q 'W-7' "${inbox[@]}" || fail 'Westvale did not find its own person'
grep -qE 'Medlock|Lathom|5285709' "${inbox[@]}" && fail 'a name or a number has travelled'
grep -q verified "$work/said" || fail 'the ledger was not verified'
echo "followed $blocks blocks of the README between two machines"
