"""Uses a user and a role, and prints what the account's reports tell of them."""
import csv
import io
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
lists = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["eks:List*", "eks:DescribeCluster"], "Resource": "*"}],
}


def code(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]


iam.create_user(UserName="reader")
key = iam.create_access_key(UserName="reader")["AccessKey"]
role = iam.create_role(RoleName="used", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
policy = iam.create_policy(PolicyName="lists", PolicyDocument=json.dumps(lists))["Policy"]
iam.attach_user_policy(UserName="reader", PolicyArn=policy["Arn"])
iam.put_role_policy(RoleName="used", PolicyName="inline", PolicyDocument=json.dumps(lists))

user = boto3.session.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-west-2")
user.client("eks").list_clusters()
refused = code(user.client("eks").delete_cluster, name="ci")

none = code(iam.get_credential_report)
started = iam.generate_credential_report()["State"]
complete = iam.generate_credential_report()["State"]
report = iam.get_credential_report()
rows = {row["user"]: row for row in csv.DictReader(io.StringIO(report["Content"].decode()))}


def job(arn, granularity="SERVICE_LEVEL"):
    return iam.generate_service_last_accessed_details(Arn=arn, Granularity=granularity)["JobId"]


def services(arn):
    told = iam.get_service_last_accessed_details(JobId=job(arn))
    assert told["JobStatus"] == "COMPLETED", told
    return {
        one["ServiceNamespace"]: [one["TotalAuthenticatedEntities"], one.get("LastAuthenticatedEntity")]
        for one in told["ServicesLastAccessed"]
    }


def actions(arn):
    told = iam.get_service_last_accessed_details(JobId=job(arn, "ACTION_LEVEL"))
    return {
        action["ActionName"]: "LastAccessedTime" in action
        for service in told["ServicesLastAccessed"]
        for action in service["TrackedActionsLastAccessed"]
        if action["ActionName"].startswith(("ListC", "Delete"))
    }


def entities(arn):
    told = iam.get_service_last_accessed_details_with_entities(JobId=job(arn), ServiceNamespace="eks")
    return [
        [one["EntityInfo"]["Type"], one["EntityInfo"]["Name"], "LastAuthenticated" in one]
        for one in told["EntityDetailsList"]
    ]


def granting(arn):
    told = iam.list_policies_granting_service_access(Arn=arn, ServiceNamespaces=["eks", "s3"])
    return [
        [one["ServiceNamespace"]] + [[p["PolicyName"], p["PolicyType"]] for p in one["Policies"]]
        for one in told["PoliciesGrantingServiceAccess"]
    ]


reader = "arn:aws:iam::111111111111:user/reader"
print(
    json.dumps(
        {
            "none": none,
            "states": [started, complete, report["ReportFormat"]],
            "refused": refused,
            "users": list(rows),
            "key": [
                rows["reader"][f"access_key_1_{column}"]
                for column in ("active", "last_used_region", "last_used_service")
            ],
            "services": services(reader),
            "unused": services(role["Arn"]),
            "actions": actions(reader),
            "entities": entities(policy["Arn"]),
            "granting": [granting(reader), granting(role["Arn"])],
            "unknown": [
                code(iam.get_service_last_accessed_details, JobId="0" * 36),
                code(iam.generate_service_last_accessed_details, Arn=reader + "s"),
            ],
        }
    )
)
