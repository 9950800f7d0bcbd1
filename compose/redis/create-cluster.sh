#!/bin/sh
# Joins nodes to a cluster of primaries with one replica each: create-cluster.sh host:port host:port ...
# Nodes know each other by address, so names are looked up first. Does nothing where the cluster is there already.
set -eu

nodes=
for node in "$@"; do
  address=$(getent hosts "${node%%:*}" | awk '{ print $1; exit }')
  nodes="$nodes ${address}:${node#*:}"
done

first=${nodes# }
first=${first%% *}
port=${first#*:}
port=${port%%@*}
if redis-cli -h "${first%%:*}" -p "$port" cluster info | grep -q 'cluster_state:ok'; then
  echo "The cluster is there."
  exit 0
fi

# shellcheck disable=SC2086 # One word a node.
exec redis-cli --cluster create $nodes --cluster-replicas 1 --cluster-yes
