#!/usr/bin/env bash
# A stand-in for flintlock's provision.sh, as far as `--provisioner script` calls it: `provision.sh devpool -t NAME`.
# It goes about it as hack/scripts/provision.sh does: what exists is kept, a pool that exists is reloaded and not resumed, the metadata is not
# checked, nothing is restarted, and --help exits 1. PROVISION_SCRIPT=PATH puts the real one in its place.
set -euo pipefail
die() { echo "[provision.sh] $*" >&2 && exit 1; }
say() { echo "[provision.sh] $*"; }

[[ ${1:-} == devpool ]] || die "Unknown command: ${1:-}. Please use --help for help."
shift
name=flintlock-dev
while (($#)); do
  case $1 in
    -t | --thinpool) shift && name=$1 ;;
    -h | --help) echo "  devpool                Set up loop device thinpool (development environments)" && exit 1 ;;
    *) die "Unknown argument: $1. Please use --help for help." ;;
  esac
  shift
done

folder=/var/lib/containerd-dev/snapshotter/devmapper
mkdir -p "$folder"
sparse() { [[ -f $1 ]] || { touch "$1" && truncate -s "$2" "$1"; }; }
loop() {
  local device
  device=$(losetup --output NAME --noheadings --associated "$1")
  [[ $device ]] || device=$(losetup --find --show "$1")
  echo "$device"
}
sparse "$folder/data" 100G
sparse "$folder/metadata" 10G
data=$(loop "$folder/data")
metadata=$(loop "$folder/metadata")
say "Loop devices $data and $metadata associated"
sectors=$(bc <<<"$(blockdev --getsize64 -q "$data")/512")
table="0 $sectors thin-pool $metadata $data 128 32768 1 skip_block_zeroing"
dmsetup reload "$name-thinpool" --table "$table" 2>/dev/null || dmsetup create "$name-thinpool" --table "$table" || die "failed to create dev thinpool $name-thinpool"
say "remember to set pool_name to $name-thinpool in your containerd config"
