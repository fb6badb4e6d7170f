"""Asks the plane's own API for a token as a user without permissions, and prints the answer."""
import json
import os
import urllib.error
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

iam = boto3.client("iam")
iam.create_user(UserName="bob")
key = iam.create_access_key(UserName="bob")["AccessKey"]
url = os.environ["AWS_ENDPOINT_URL"] + "/_rolecall/tokens"
request = AWSRequest("POST", url, data=b"{}", headers={"Content-Type": "application/json"})
SigV4Auth(Credentials(key["AccessKeyId"], key["SecretAccessKey"]), "rolecall", "us-west-2").add_auth(request)
sent = urllib.request.Request(url, request.data, dict(request.headers), method="POST")
try:
    urllib.request.urlopen(sent)
except urllib.error.HTTPError as refused:
    print(json.dumps({"status": refused.code, **json.load(refused)}))
