#!/bin/sh
# Runs inside `rolecall run`: sets the two accounts up as the real ones are, then tests access.
set -eu
ci=111111111111
prod=444444444444

issuer=$(aws eks describe-cluster --name ci --query cluster.identity.oidc.issuer --output text)
provider=${issuer#https://}
aws iam create-open-id-connect-provider --url "$issuer" --client-id-list sts.amazonaws.com >/dev/null

# In ci: a role for one service account, which may go on to prod.
aws iam create-role --role-name deployer --assume-role-policy-document "{
  \"Version\": \"2012-10-17\",
  \"Statement\": [{
    \"Effect\": \"Allow\",
    \"Principal\": { \"Federated\": \"arn:aws:iam::$ci:oidc-provider/$provider\" },
    \"Action\": \"sts:AssumeRoleWithWebIdentity\",
    \"Condition\": { \"StringEquals\": {
      \"$provider:aud\": \"sts.amazonaws.com\",
      \"$provider:sub\": \"system:serviceaccount:delivery:deployer\"
    } }
  }]
}" >/dev/null
aws iam put-role-policy --role-name deployer --policy-name go-on --policy-document "{
  \"Version\": \"2012-10-17\",
  \"Statement\": [{
    \"Effect\": \"Allow\",
    \"Action\": \"sts:AssumeRole\",
    \"Resource\": \"arn:aws:iam::$prod:role/target\"
  }]
}"

# In prod: a role that trusts the one in ci and may read clusters.
aws iam create-role --profile prod --role-name target --assume-role-policy-document "{
  \"Version\": \"2012-10-17\",
  \"Statement\": [{
    \"Effect\": \"Allow\",
    \"Principal\": { \"AWS\": \"arn:aws:iam::$ci:role/deployer\" },
    \"Action\": \"sts:AssumeRole\"
  }]
}" >/dev/null
aws iam put-role-policy --profile prod --role-name target --policy-name read --policy-document '{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Action": "eks:ListClusters", "Resource": "*" }]
}'

# As the workload: its service account's token, then the role in prod.
as() {
  account=$1
  shift
  rolecall exec --as "sa:$account@ci" --role-arn "arn:aws:iam::$ci:role/deployer" -- "$@"
}
in_prod='
  set -e
  keys=$(aws sts assume-role --role-arn arn:aws:iam::444444444444:role/target --role-session-name test \
    --query "Credentials.[AccessKeyId,SecretAccessKey,SessionToken]" --output text)
  unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN
  export AWS_ACCESS_KEY_ID=$(echo "$keys" | cut -f1)
  export AWS_SECRET_ACCESS_KEY=$(echo "$keys" | cut -f2)
  export AWS_SESSION_TOKEN=$(echo "$keys" | cut -f3)
  aws eks list-clusters --query "clusters[]" --output text'

reached=$(as delivery/deployer sh -c "$in_prod")
[ "$reached" = prod ] || { echo "the deployer reached \`$reached\`, not prod" >&2; exit 1; }
echo "delivery/deployer reaches prod"

if as delivery/other aws sts get-caller-identity 2>/dev/null; then
  echo "another service account got the deployer's role" >&2
  exit 1
fi
rolecall why | grep 'system:serviceaccount:delivery:other'
echo "delivery/other is refused, and the reason names it"
