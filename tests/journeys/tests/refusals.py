"""Makes the calls of a corpus, in one process, and prints how each was answered.

Reads {"calls": CORPUS, "values": {NAME: TEXT}} from the file named first. `${NAME}` in a parameter
stands for a value, `${authorization_id}` for the one that a denial came with; `${tampered}`, `${header:JSON}` and `${claims:JSON}` are made from the token
`good`. {"$json": DOCUMENT} stands for the document's text.
"""
import base64
import datetime
import json
import re
import sys

import boto3
import botocore.auth
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

with open(sys.argv[1]) as given:
    given = json.load(given)
values, saved = given["values"], {}
good = values["good"].split(".")
now = botocore.auth.get_current_datetime
clients = {}


def encoded(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def tampered():
    claims = json.loads(base64.urlsafe_b64decode(good[1] + "=="))
    claims["sub"] = "system:serviceaccount:kube-system:admin"
    return ".".join([good[0], encoded(json.dumps(claims)), good[2]])


def value(name):
    if name == "tampered":
        return tampered()
    kind, _, text = name.partition(":")
    if kind == "header":
        return ".".join([encoded(text), *good[1:]])
    if kind == "claims":
        return ".".join([good[0], encoded(text), good[2]])
    return values[name]


def filled(given):
    if isinstance(given, dict) and "$json" in given:
        return json.dumps(filled(given["$json"]))
    if isinstance(given, dict):
        return {filled(key): filled(item) for key, item in given.items()}
    if isinstance(given, list):
        return [filled(item) for item in given]
    if isinstance(given, str):
        return re.sub(r"\$\{((?:header|claims):\{.*\}|[^{}]+)\}", lambda m: value(m[1]), given)
    return given


def credentials(who):
    """Who signs: an account's administrator, a saved session, or one of them spoilt."""
    kind, _, name = who.partition(":")
    if kind == "anonymous":
        return {"config": Config(signature_version=UNSIGNED)}
    if kind == "unknown-key":
        return keys("AKIAIOSFODNN7EXAMPLE", "s" * 40)
    if kind in ("session", "wrong-token"):
        found = saved[name]
        token = found["SessionToken"]
        if kind == "wrong-token":
            token = token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8)
        return keys(found["AccessKeyId"], found["SecretAccessKey"], token)
    found = boto3.Session(profile_name=name or who).get_credentials()
    return keys(found.access_key, "s" * 40 if kind == "wrong-secret" else found.secret_key)


def keys(key, secret, token=None):
    return {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": token}


def client(who, service, region):
    if (who, service, region) not in clients:
        settings = {"config": Config(retries={"max_attempts": 0}), "region_name": region, **credentials(who)}
        clients[who, service, region] = boto3.Session().client(service, **settings)
    return clients[who, service, region]


def make(call):
    ahead = datetime.timedelta(seconds=call.get("clock_seconds", 0))
    botocore.auth.get_current_datetime = lambda *given, **named: now(*given, **named) + ahead
    operation = getattr(client(call["as"], call["service"], call.get("region")), call["operation"])
    return operation(**filled(call["parameters"]))


for call in given["calls"]["setup"]:
    answer = make(call)
    if "save" in call:
        saved[call["save"]] = answer["Credentials"]

answers = []
for call in given["calls"]["refusals"]:
    try:
        make(call)
        answer = {"code": "none: it succeeded"}
    except ClientError as refused:
        error, metadata = refused.response["Error"], refused.response["ResponseMetadata"]
        values["authorization_id"] = metadata["HTTPHeaders"].get("x-rolecall-authorization-id", "")
        answer = {
            "code": error["Code"],
            "message": error.get("Message", ""),
            "status": metadata["HTTPStatusCode"],
            "request_id": metadata.get("RequestId", ""),
        }
    wanted = {name: filled(call[name]) for name in ("message", "why")}
    answers.append({"name": call["name"], "answer": answer, "wanted": wanted})
print(json.dumps(answers))
