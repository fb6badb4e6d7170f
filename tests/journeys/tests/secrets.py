"""A run in which every kind of secret is minted and misused; prints them, and what was answered.

Prints {"secrets": {KIND: [TEXT...]}, "answers": [TEXT...]}.
"""
import configparser
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

token, other_audience = sys.argv[1:]
secrets = {"web identity token": [token, other_audience], "secret access key": [], "session token": []}
answers = []
ONCE = Config(retries={"total_max_attempts": 1})


def client(service, credentials=None, **more):
    given = credentials or {}
    return boto3.client(
        service, config=ONCE,
        aws_access_key_id=given.get("AccessKeyId"),
        aws_secret_access_key=given.get("SecretAccessKey"),
        aws_session_token=given.get("SessionToken"), **more)


def minted(credentials):
    secrets["secret access key"].append(credentials["SecretAccessKey"])
    if "SessionToken" in credentials:
        secrets["session token"].append(credentials["SessionToken"])
    return credentials


def refused(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        answers.append(json.dumps(error.response, default=str))
    else:
        sys.exit(f"{call.__name__} was allowed")


def get(path):
    try:
        with urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + path) as answer:
            answers.append(answer.read().decode())
    except urllib.error.HTTPError as error:
        answers.append(error.read().decode())


profiles = configparser.ConfigParser()
profiles.read(os.environ["AWS_SHARED_CREDENTIALS_FILE"])
for profile in profiles.sections():
    secrets["secret access key"].append(profiles[profile]["aws_secret_access_key"])

iam, sts, eks = client("iam"), client("sts"), client("eks")
open_sts = boto3.client("sts", config=ONCE.merge(Config(signature_version=UNSIGNED)))
issuer = eks.describe_cluster(name="ci")["cluster"]["identity"]["oidc"]["issuer"]
provider = iam.create_open_id_connect_provider(
    Url=issuer, ClientIDList=["sts.amazonaws.com"])["OpenIDConnectProviderArn"]


def role(name, principal, action):
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": action}]}
    created = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]}))
    return created["Role"]["Arn"]


pod = role("pod", {"Federated": provider}, "sts:AssumeRoleWithWebIdentity")
onward = role("onward", {"AWS": "arn:aws:iam::111111111111:root"}, "sts:AssumeRole")
web = minted(open_sts.assume_role_with_web_identity(
    RoleArn=pod, RoleSessionName="session", WebIdentityToken=token)["Credentials"])
chained = minted(client("sts", web).assume_role(RoleArn=onward, RoleSessionName="session")["Credentials"])
minted(sts.get_session_token()["Credentials"])
minted(sts.get_federation_token(Name="federated")["Credentials"])
iam.create_user(UserName="somebody")
key = minted(iam.create_access_key(UserName="somebody")["AccessKey"])

# Each secret where it is refused: altered, at the wrong door, or where no secret belongs.
tampered = token[:-8] + ("A" * 8)
secrets["web identity token"].append(tampered)
for text in [tampered, other_audience]:
    refused(open_sts.assume_role_with_web_identity, RoleArn=pod, RoleSessionName="session", WebIdentityToken=text)
refused(open_sts.assume_role_with_web_identity, RoleArn=onward, RoleSessionName="session", WebIdentityToken=token)
refused(client("sts", {**chained, "SessionToken": web["SessionToken"]}).get_caller_identity)
refused(client("sts", {**web, "SecretAccessKey": key["SecretAccessKey"]}).get_caller_identity)
refused(client("sts", {**web, "SessionToken": web["SessionToken"][:-4] + "AAAA"}).get_caller_identity)
refused(client("iam", web).create_user, UserName="denied")
refused(client("iam", key).create_access_key, UserName="somebody")
refused(sts.decode_authorization_message, EncodedMessage=chained["SessionToken"][:2000])
query = urllib.parse.urlencode({
    "Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": onward,
    "RoleSessionName": "session", "WebIdentityToken": token})
get(f"/?{query}")
get(client("sts", chained).generate_presigned_url("get_caller_identity").removeprefix(
    os.environ["AWS_ENDPOINT_URL"]) + "&tampered=1")
get(f"/{token}")
get(f"/id/{token}/keys")
get("/metrics")
get("/readyz?verbose")
print(json.dumps({"secrets": secrets, "answers": answers}))
