"""Is denied, asks IAM Toolbox why as several readers, and prints what each was told."""
import json

import boto3
from botocore.exceptions import ClientError

DENY = {"Sid": "NoUsers", "Effect": "Deny", "Action": "iam:GetUser", "Resource": "*"}
ALLOW = {"Effect": "Allow", "Action": ["iam:GetUser", "eks:*"], "Resource": "*"}
POLICY = {"Version": "2012-10-17", "Statement": [ALLOW, DENY]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


def session(account):
    return boto3.Session(profile_name=account)


def refusal(call, **parameters):
    try:
        return {"answer": call(**parameters)}
    except ClientError as refused:
        error, metadata = refused.response["Error"], refused.response["ResponseMetadata"]
        headers = metadata["HTTPHeaders"]
        return {
            "code": error["Code"],
            "message": error["Message"],
            "status": metadata["HTTPStatusCode"],
            "id": headers.get("x-rolecall-authorization-id"),
        }


def details(session, id):
    call = session.client("iam-toolbox").get_request_authorization_details
    told = refusal(call, authorizationId=id)
    told.get("answer", {}).pop("ResponseMetadata", None)
    return told


def document(session, id, uri):
    call = session.client("iam-toolbox").get_request_authorization_policy
    told = refusal(call, authorizationId=id, policyUri=uri)
    told.get("answer", {}).pop("ResponseMetadata", None)
    return told


iam = session("ci").client("iam")
iam.create_user(UserName="ann", Path="/team/", Tags=[{"Key": "Team", "Value": "red"}])
iam.put_user_policy(UserName="ann", PolicyName="hers", PolicyDocument=json.dumps(POLICY))
key = iam.create_access_key(UserName="ann")["AccessKey"]
ann = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"])
session("prod").client("iam").create_role(
    RoleName="closed", AssumeRolePolicyDocument=json.dumps(TRUST), Tags=[{"Key": "a", "Value": "b"}]
)

denied = refusal(ann.client("iam").get_user, UserName="ann")
iam.delete_user_policy(UserName="ann", PolicyName="hers")
allow = dict(POLICY, Statement=[{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}])
iam.put_user_policy(UserName="ann", PolicyName="hers", PolicyDocument=json.dumps(allow))
closed = refusal(
    ann.client("sts").assume_role,
    RoleArn="arn:aws:iam::444444444444:role/closed",
    RoleSessionName="ann",
)
missing = refusal(
    ann.client("sts").assume_role,
    RoleArn="arn:aws:iam::444444444444:role/missing",
    RoleSessionName="ann",
)
trusting = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "sts:AssumeRole"}
session("prod").client("iam").create_role(
    RoleName="untagged", AssumeRolePolicyDocument=json.dumps(dict(TRUST, Statement=[trusting]))
)
untagged = refusal(
    ann.client("sts").assume_role,
    RoleArn="arn:aws:iam::444444444444:role/untagged",
    RoleSessionName="ann",
    Tags=[{"Key": "a", "Value": "b"}],
)
uri = "inline:arn:aws:iam::111111111111:user/team/ann:hers"
print(json.dumps({
    "denied": denied,
    "details": details(session("ci"), denied["id"]),
    "page": refusal(
        session("ci").client("iam-toolbox").get_request_authorization_details,
        authorizationId=denied["id"], nextToken="x",
    ),
    "policy": document(session("ci"), denied["id"], uri),
    "no policy": document(session("ci"), denied["id"], "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    "stranger": details(session("prod"), denied["id"]),
    "stranger's policy": document(session("prod"), denied["id"], uri),
    "unknown": details(session("ci"), "0" * 26),
    "misspelt": details(session("ci"), denied["id"].upper()),
    "without permission": details(ann, denied["id"]),
    "closed": closed,
    "closed details": details(session("ci"), closed["id"]),
    "untagged": untagged["message"],
    "untagged details": [
        [one["action"], one["evaluatedEffect"]]
        for one in details(session("ci"), untagged["id"])["answer"]["evaluations"]
    ],
    "missing": missing,
    "missing details": details(session("ci"), missing["id"]),
    "closed details in prod": details(session("prod"), closed["id"]),
    "wanted policy": POLICY,
}))
