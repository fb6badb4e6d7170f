"""A journey's worth of calls: accounts, tokens, sessions, a denial and its reason, and a cluster."""
import json
import subprocess
import sys

import boto3
from botocore.exceptions import ClientError

rolecall, kubectl = WORDS  # noqa: F821, set by the test
iam, sts, eks = (boto3.client(name) for name in ("iam", "sts", "eks"))
issuer = eks.describe_cluster(name="ci")["cluster"]["identity"]["oidc"]["issuer"]
provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])
elsewhere = iam.create_open_id_connect_provider(Url="https://issuer.example.com", ClientIDList=["one"])
trust = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity"}
trust["Principal"] = {"Federated": provider["OpenIDConnectProviderArn"]}
role = iam.create_role(
    RoleName="pod", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
)["Role"]


def run(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


token = run(rolecall, "token", "create", "ns/sa@ci")
lent = sts.assume_role_with_web_identity(RoleArn=role["Arn"], RoleSessionName="one", WebIdentityToken=token)["Credentials"]
pod = boto3.Session(lent["AccessKeyId"], lent["SecretAccessKey"], lent["SessionToken"])
who = pod.client("sts").get_caller_identity()["Arn"]
try:
    pod.client("eks").list_clusters()
except ClientError as refused:
    why = run(rolecall, "why", refused.response["ResponseMetadata"]["RequestId"])
run(rolecall, "keys", "rotate")
run(kubectl, "create", "configmap", "one", "--from-literal=key=value")
print(json.dumps([who, "eks:ListClusters" in why, run(kubectl, "get", "configmap", "one", "-o", "name")]))
