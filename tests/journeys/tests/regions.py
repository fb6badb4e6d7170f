"""Sets up who may work in one region only, and exchanges a token at hosts of several regions."""
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

import boto3

iam = boto3.client("iam")
issuer = boto3.client("eks").describe_cluster(name="ci")["cluster"]["identity"]["oidc"]["issuer"]
provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def within(*regions):
    return {"StringEquals": {"aws:RequestedRegion": list(regions)}}


iam.create_user(UserName="ann")
iam.put_user_policy(
    UserName="ann",
    PolicyName="west-only",
    PolicyDocument=document(
        {"Effect": "Allow", "Action": ["eks:ListClusters", "sts:GetFederationToken"], "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*", "Condition": within("us-east-1")},
        {
            "Effect": "Deny",
            "NotAction": "iam:*",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": "us-west-2"}},
        },
    ),
)
key = iam.create_access_key(UserName="ann")["AccessKey"]


def role(name, *regions):
    trust = document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": within(*regions),
        }
    )
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]


role("here", "us-west-2")
elsewhere = role("elsewhere", "eu-west-1", "us-east-1")


def exchanged_at(host):
    body = urllib.parse.urlencode(
        {
            "Action": "AssumeRoleWithWebIdentity",
            "Version": "2011-06-15",
            "RoleArn": elsewhere,
            "RoleSessionName": "one",
            "WebIdentityToken": sys.argv[1],
        }
    ).encode()
    headers = {"Host": host} if host else {}
    try:
        return urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], body, headers)).status
    except urllib.error.HTTPError as refused:
        return refused.code


hosts = ["sts.eu-west-1.amazonaws.com", "sts.amazonaws.com", "sts.us-west-2.amazonaws.com", None]
print(json.dumps({"key": [key["AccessKeyId"], key["SecretAccessKey"]], "exchanged": [exchanged_at(host) for host in hosts]}))
