"""Exchanges a token and uses the session, again and again, until the file named second is there.

Prints {"exchanges", "refusals", "session"}; the first argument is the token. With a third argument,
a session that an earlier run printed, that session is used once more, first.
"""
import json
import pathlib
import sys

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

token, stop = sys.argv[1], pathlib.Path(sys.argv[2])
role = "arn:aws:iam::111111111111:role/turning"
anonymous = boto3.client("sts", config=Config(signature_version=UNSIGNED))


def as_session(session):
    return boto3.client(
        "sts",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    ).get_caller_identity()["Arn"]


def exchanged():
    answer = anonymous.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="turning", WebIdentityToken=token
    )
    session = answer["Credentials"]
    del session["Expiration"]
    as_session(session)
    return session


if len(sys.argv) > 3:
    as_session(json.loads(sys.argv[3]))
exchanges, refusals, session = 0, [], None
while True:
    last = stop.exists()
    try:
        session = exchanged()
        exchanges += 1
    except ClientError as error:
        refusals.append(str(error))
    if last:
        break
print(json.dumps({"exchanges": exchanges, "refusals": refusals, "session": session}))
