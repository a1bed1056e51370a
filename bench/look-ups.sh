#!/bin/sh
# What a person types from flintlock's troubleshooting page to look at a host: the live dry run is measured against it.
dmsetup ls
systemctl status --no-pager containerd-dev.service
systemctl status --no-pager flintlockd.service
ctr -a /run/containerd-dev/containerd.sock plugins ls
journalctl -b --no-pager -u flintlockd.service | grep -E 'failed to reconcile|level=error'
journalctl -b --no-pager -u containerd-dev.service | grep -E 'failed to query pool|snapshotter'
lsmod | grep -E 'macvlan|macvtap'
ip -br link
cat /etc/opt/flintlockd/config.yaml
exit 0
