#!/usr/bin/env bash
# Starts a Ceph RADOS Gateway on 127.0.0.1 with a monitor and one disk, waits until it responds, and prints how to reach it:
#   ENDPOINT= ACCESS_KEY= SECRET_KEY= REGION= STS_ROLE_ARN= GATEWAY_PID=
#
#   DIR=target/interop/ceph [PORT=7480] [DISK=memstore|bluestore] tests/interop/ceph/start.sh
#
# DIR receives data and logs, recreated each time. While the servers run a second call only prints the lines again; with
# RESTART=1 it starts the gateway alone again, in front of the same data. Debian's packages are installed where they are missing.
#
# Exit code 75: Ceph cannot be installed here; callers skip by that. 1: it could, but does not work.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${DIR:?set DIR to a directory for the data and logs of Ceph}"
mkdir -p "$DIR"
DIR=$(cd "$DIR" && pwd)
port=${PORT:-7480}
disk=${DISK:-memstore}
monitor_port=$((port + 10000))
access_key=CEPHTESTKEY000000001
secret_key=not/a+real=secret0123456789abcdefghijklm
config=$DIR/ceph.conf

runs() { [ -s "$DIR/$1.pid" ] && kill -0 "$(cat "$DIR/$1.pid")" 2>/dev/null; }
answers() { curl --silent --output /dev/null --max-time 2 "http://127.0.0.1:$port/"; }

# Calls a command until it succeeds, for as many seconds.
wait_for() {
  local seconds=$1 end
  shift
  end=$((SECONDS + seconds))
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

# A server in the background, away from the caller's output, so that its reader does not wait for the server to end.
serve() {
  local name=$1
  shift
  "$@" -c "$config" -f </dev/null >"$DIR/log/$name.out" 2>&1 &
  echo $! >"$DIR/$name.pid"
}

start_gateway() {
  serve gateway radosgw -n client.rgw.test
  wait_for 60 answers || {
    echo "the gateway does not answer" >&2
    tail -n 20 "$DIR"/log/gateway.out >&2
    exit 1
  }
  sed -i '/^GATEWAY_PID=/d' "$DIR/settings" 2>/dev/null || true
  echo "GATEWAY_PID=$(cat "$DIR/gateway.pid")" >>"$DIR/settings"
}

install() {
  local program
  for program in radosgw ceph-mon ceph-osd ceph curl; do
    command -v "$program" >/dev/null && continue
    # Keeps the packages from starting servers of their own.
    [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d; } || return
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      radosgw ceph-mon ceph-osd ceph-common curl; } >"$DIR/install.log" 2>&1
    return
  done
}

ceph_() { timeout 20 ceph -c "$config" --connect-timeout 10 "$@"; }

if [ -n "${RESTART:-}" ] && runs monitor && runs disk; then
  runs gateway && kill -9 "$(cat "$DIR/gateway.pid")"
  wait_for 10 eval '! answers'
  start_gateway
  cat "$DIR/settings"
  exit
fi
if runs monitor && runs disk && runs gateway && answers; then
  cat "$DIR/settings"
  exit
fi

install || {
  echo "Ceph is not available: its Debian packages could not be installed, see $DIR/install.log" >&2
  exit 75
}

"$here/stop.sh"
rm -rf "$DIR"/{data,log,run,settings,ceph.conf,keyring,map}
mkdir -p "$DIR"/{data/monitor,data/disk,data/gateway,log,run}
: >"$DIR/keyring"
cluster=$(cat /proc/sys/kernel/random/uuid)
cat >"$config" <<CONF
[global]
fsid = $cluster
mon host = [v2:127.0.0.1:$monitor_port/0]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind port min = $((monitor_port + 1))
ms bind port max = $((monitor_port + 200))
auth cluster required = none
auth service required = none
auth client required = none
keyring = $DIR/keyring
run dir = $DIR/run
crash dir = $DIR/log
log file = $DIR/log/\$name.log
mon cluster log file = $DIR/log/cluster.log
mon data = $DIR/data/monitor
mon allow pool size one = true
mon data avail warn = 1
mon data avail crit = 1
mon max pg per osd = 1000
mon warn on pool no redundancy = false
mon osd full ratio = 0.98
mon osd backfillfull ratio = 0.97
mon osd nearfull ratio = 0.96
osd data = $DIR/data/disk
osd objectstore = $disk
osd class update on start = true
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
memstore device bytes = 3221225472
bluestore block size = 5368709120
bluestore fsck on mount = false
[client.rgw.test]
rgw data = $DIR/data/gateway
rgw frontends = beast endpoint=127.0.0.1:$port
rgw s3 auth use sts = true
rgw sts key = abcdefghijklmnop
rgw thread pool size = 32
rgw enable gc threads = false
rgw enable lc threads = false
rgw run sync thread = false
ms mon client mode = crc secure
CONF

monmaptool --create --fsid "$cluster" --addv a "[v2:127.0.0.1:$monitor_port]" --clobber "$DIR/map" >/dev/null
ceph-mon -c "$config" -i a --mkfs --monmap "$DIR/map" >/dev/null 2>"$DIR/log/monitor-mkfs.err"
serve monitor ceph-mon -i a
monitor_answers() { timeout 5 ceph -c "$config" --connect-timeout 4 -s >/dev/null 2>&1; }
wait_for 60 monitor_answers
disk_id=$(cat /proc/sys/kernel/random/uuid)
ceph_ osd new "$disk_id" 0 >/dev/null
ceph-osd -c "$config" -i 0 --mkfs --osd-uuid "$disk_id" >"$DIR/log/disk-mkfs.out" 2>&1
serve disk ceph-osd -i 0
disk_is_up() { ceph_ osd stat 2>/dev/null | grep -q '1 up'; }
wait_for 60 disk_is_up

admin() { timeout 60 radosgw-admin -c "$config" -n client.rgw.test "$@" >>"$DIR/log/admin.out" 2>&1; }
admin user create --uid=tester --display-name=tester --access-key="$access_key" --secret-key="$secret_key" --caps='roles=*'
cat >"$DIR/settings" <<SETTINGS
ENDPOINT=http://127.0.0.1:$port
ACCESS_KEY=$access_key
SECRET_KEY=$secret_key
REGION=us-east-1
STS_ROLE_ARN=arn:aws:iam:::role/uploader
SETTINGS
start_gateway
# A role that the user may take on, for temporary credentials.
admin role create --role-name=uploader --path=/ --assume-role-policy-doc='{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam:::user/tester"]}, "Action": ["sts:AssumeRole"]}]}'
admin role-policy put --role-name=uploader --policy-name=all --policy-doc='{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["s3:*"], "Resource": "arn:aws:s3:::*"}]}'
cat "$DIR/settings"
