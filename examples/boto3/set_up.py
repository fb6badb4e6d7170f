"""Gives one service account a role: what a platform team would do once."""
import json

import boto3

iam, eks = boto3.client("iam"), boto3.client("eks")
issuer = eks.describe_cluster(name="ci")["cluster"]["identity"]["oidc"]["issuer"]
provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])
name = issuer.removeprefix("https://")
iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps({
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {
            f"{name}:aud": "sts.amazonaws.com",
            f"{name}:sub": "system:serviceaccount:apps:reader",
        }},
    }],
}))
