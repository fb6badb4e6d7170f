"""Uses a key and a role, and prints what IAM tells of their last use before and after."""
import json

import boto3
from botocore.exceptions import ClientError

iam = boto3.client("iam")
trust = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "sts:AssumeRole"}
    ],
}
iam.create_user(UserName="reader")
key = iam.create_access_key(UserName="reader")["AccessKey"]
role = iam.create_role(RoleName="used", AssumeRolePolicyDocument=json.dumps(trust))["Role"]


def of_key():
    told = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    last = told["AccessKeyLastUsed"]
    return [told["UserName"], last["ServiceName"], last["Region"], "LastUsedDate" in last]


def of_role():
    last = iam.get_role(RoleName="used")["Role"]["RoleLastUsed"]
    [detail] = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    assert detail["RoleLastUsed"] == last, detail
    return [last.get("Region"), "LastUsedDate" in last]


def refused(id):
    try:
        iam.get_access_key_last_used(AccessKeyId=id)
    except ClientError as error:
        return error.response["Error"]["Code"]


never = [of_key(), of_role()]
user = boto3.session.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="eu-west-1")
user.client("sts").get_caller_identity()
lent = boto3.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="one")["Credentials"]
unused = of_role()
session = boto3.session.Session(
    lent["AccessKeyId"], lent["SecretAccessKey"], lent["SessionToken"], region_name="us-west-2"
)
session.client("sts").get_caller_identity()
print(
    json.dumps(
        {
            "id": key["AccessKeyId"],
            "never": never,
            "unused": unused,
            "used": [of_key(), of_role()],
            "elsewhere": [refused("AKIAIOSFODNN7EXAMPLE"), refused("a" * 16)],
        }
    )
)
