#!/bin/sh
# Tests who may reach prod, before anything is deployed.
set -eu
cd "$(dirname "$0")"
exec rolecall run -f plane.yaml -- ./access-tests.sh
