"""Reads an account as tools do that audit it, and prints what they saw."""
import json

import boto3
from botocore.exceptions import ClientError

iam = boto3.client("iam")
trust = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::444444444444:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "known"}},
        }
    ],
}
allow = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "eks:List*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": "eks:ListClusters",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        },
    ],
}
iam.create_user(UserName="reader")
iam.put_user_policy(UserName="reader", PolicyName="lists", PolicyDocument=json.dumps(allow, indent=1))
iam.create_role(RoleName="target", AssumeRolePolicyDocument=json.dumps(trust))
reader = "arn:aws:iam::111111111111:user/reader"
role = "arn:aws:iam::111111111111:role/target"


def code(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]


def simulated(region=None, action="eks:ListClusters"):
    entries = [
        {"ContextKeyName": "aws:RequestedRegion", "ContextKeyValues": [region], "ContextKeyType": "string"}
    ]
    [result] = iam.simulate_principal_policy(
        PolicySourceArn=reader, ActionNames=[action], ContextEntries=entries if region else []
    )["EvaluationResults"]
    return {
        "decision": result["EvalDecision"],
        "statements": [
            (one["SourcePolicyId"], one["SourcePolicyType"], one["StartPosition"]["Line"])
            for one in result["MatchedStatements"]
        ],
        "missing": result["MissingContextValues"],
    }


def assumed(external, policy=trust, caller="arn:aws:iam::444444444444:user/administrator"):
    entries = [{"ContextKeyName": "sts:ExternalId", "ContextKeyValues": [external], "ContextKeyType": "string"}]
    everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    [result] = iam.simulate_custom_policy(
        PolicyInputList=[json.dumps(everything)],
        ActionNames=["sts:AssumeRole"],
        ResourceArns=[role],
        ResourcePolicy=json.dumps(policy),
        CallerArn=caller,
        ContextEntries=entries,
    )["EvaluationResults"]
    return result["EvalDecision"]


eks = boto3.client("eks")
[cluster] = eks.list_clusters()["clusters"]
updates = [
    eks.update_cluster_config(name=cluster, deletionProtection=is_on)["update"]["id"] for is_on in (True, False)
]
listed = [
    page["updateIds"]
    for page in eks.get_paginator("list_updates").paginate(name=cluster, PaginationConfig={"PageSize": 1})
]
details = iam.get_account_authorization_details()
pages = [
    page
    for page in iam.get_paginator("get_account_authorization_details").paginate(
        Filter=["User", "Role"], PaginationConfig={"PageSize": 1}
    )
]
print(
    json.dumps(
        {
            "nothing": [
                iam.list_mfa_devices(UserName="reader")["MFADevices"],
                iam.list_virtual_mfa_devices()["VirtualMFADevices"],
                iam.list_ssh_public_keys(UserName="reader")["SSHPublicKeys"],
                iam.list_signing_certificates(UserName="reader")["Certificates"],
                iam.list_service_specific_credentials(UserName="reader")["ServiceSpecificCredentials"],
                iam.list_server_certificates()["ServerCertificateMetadataList"],
                iam.list_saml_providers()["SAMLProviderList"],
            ],
            "none": [
                code(iam.get_login_profile, UserName="reader"),
                code(iam.delete_login_profile, UserName="reader"),
                code(iam.get_account_password_policy),
                code(iam.list_mfa_devices, UserName="nobody"),
            ],
            "summary": iam.get_account_summary()["SummaryMap"],
            "keys": iam.get_context_keys_for_principal_policy(PolicySourceArn=reader)["ContextKeyNames"],
            "custom_keys": iam.get_context_keys_for_custom_policy(
                PolicyInputList=[json.dumps(allow).replace('"*"', '"arn:aws:s3:::${aws:username}"', 1)]
            )["ContextKeyNames"],
            "unknown_region": simulated(),
            "denied": simulated("eu-west-1"),
            "allowed": simulated("us-west-2"),
            "not_allowed": simulated("us-west-2", "iam:ListRoles"),
            "assumed": [
                assumed("known"),
                assumed("unknown"),
                assumed("known", caller="arn:aws:iam::222222222222:user/administrator"),
            ],
            "elsewhere": code(
                iam.simulate_principal_policy,
                PolicySourceArn="arn:aws:iam::444444444444:user/administrator",
                ActionNames=["eks:ListClusters"],
            ),
            "users": {user["UserName"]: user["UserPolicyList"] for user in details["UserDetailList"]},
            "roles": {one["RoleName"]: one["AssumeRolePolicyDocument"] for one in details["RoleDetailList"]},
            "policies": [policy["PolicyName"] for policy in details["Policies"]],
            "updates": {
                "made": [[update] for update in updates],
                "listed": listed,
                "none": [
                    code(eks.list_updates, name="nobody"),
                    code(eks.list_updates, name=cluster, nodegroupName="nodes"),
                ],
            },
            "page_sizes": [len(page["UserDetailList"]) + len(page["RoleDetailList"]) for page in pages],
            "trust": trust,
            "allow": allow,
        }
    )
)
