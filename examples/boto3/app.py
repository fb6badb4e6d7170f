"""The application: it knows nothing of tokens, and boto3 finds its role by the environment."""
import boto3
from botocore.exceptions import ClientError

print(boto3.client("sts").get_caller_identity()["Arn"])
try:
    boto3.client("eks").list_clusters()
except ClientError as error:
    # The role has no permissions yet; the message says which one is missing.
    print(error.response["Error"]["Message"])
else:
    raise SystemExit("the role has a permission that nobody gave it")
