"""An application that knows nothing of tokens: who it is, what it reaches in another account, what it is refused."""
import json

import boto3
from botocore.exceptions import ClientError

TARGET = "arn:aws:iam::444444444444:role/target-account-iam-role"
told = {}
try:
    sts = boto3.client("sts")
    told["is"] = sts.get_caller_identity()["Arn"]
    opened = sts.assume_role(RoleArn=TARGET, RoleSessionName="app")["Credentials"]
    target = boto3.Session(opened["AccessKeyId"], opened["SecretAccessKey"], opened["SessionToken"])
    told["clusters of prod"] = target.client("eks").list_clusters()["clusters"]
    boto3.client("eks").list_clusters()
except ClientError as error:
    told["refused"] = {
        "code": error.response["Error"]["Code"],
        "message": error.response["Error"]["Message"],
        "request": error.response["ResponseMetadata"]["RequestId"],
    }
print(json.dumps(told))
