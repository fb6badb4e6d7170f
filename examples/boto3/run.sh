#!/bin/sh
# A program with boto3's ordinary credential chain, as a service account.
set -eu
cd "$(dirname "$0")"
exec rolecall run -- sh -c '
  set -eu
  python3 set_up.py
  rolecall exec --as sa:apps/reader@ci --role-arn arn:aws:iam::111111111111:role/reader -- python3 app.py'
