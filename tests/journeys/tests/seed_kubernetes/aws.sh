# "Setup OIDC in CI account" to "Configuring the target account", with a profile per account.
namespace=ci-namespace
service_account=ci-serviceaccount
account_id=$(aws sts get-caller-identity --query "Account" --output text)
oidc_provider=$(aws eks describe-cluster \
  --name ci \
  --query "cluster.identity.oidc.issuer" \
  --output text | sed -e "s/^https:\/\///")

aws iam create-open-id-connect-provider \
  --url "https://$oidc_provider" \
  --client-id-list sts.amazonaws.com

cat >trust-relationship.json <<END
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "Federated": "arn:aws:iam::$account_id:oidc-provider/$oidc_provider"
      },
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {
        "StringEquals": {
          "$oidc_provider:aud": "sts.amazonaws.com",
          "$oidc_provider:sub": "system:serviceaccount:$namespace:$service_account"
        }
      }
    }
  ]
}
END
aws iam create-role \
  --role-name ci-account-iam-role \
  --assume-role-policy-document file://trust-relationship.json \
  --description "my-role-description"

cat >my-policy.json <<END
{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": "arn:aws:iam::444444444444:role/target-account-iam-role"
        }
    ]
}
END
aws iam create-policy \
  --policy-name my-policy \
  --policy-document file://my-policy.json
aws iam attach-role-policy \
  --role-name ci-account-iam-role \
  --policy-arn=arn:aws:iam::$account_id:policy/my-policy

cat >target-trust.json <<END
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "sts:AssumeRole",
      "Principal": {
        "AWS": "arn:aws:iam::$account_id:role/ci-account-iam-role"
      },
      "Condition": {}
    }
  ]
}
END
cat >target-policy.json <<END
{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "VisualEditor0",
            "Effect": "Allow",
            "Action": [
                "s3:ListAllMyBuckets",
                "eks:DescribeCluster",
                "eks:ListClusters"
            ],
            "Resource": "*"
        }
    ]
}
END
aws iam create-role --profile prod \
  --role-name target-account-iam-role \
  --assume-role-policy-document file://target-trust.json
aws iam put-role-policy --profile prod \
  --role-name target-account-iam-role \
  --policy-name target-policy \
  --policy-document file://target-policy.json
