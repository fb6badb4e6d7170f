"""The seed's steps with boto3: sets both accounts up, then walks as the pod would."""
import json
import os

import boto3

CI, PROD = "111111111111", "444444444444"


def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


ci, prod = boto3.Session(profile_name="ci"), boto3.Session(profile_name="prod")
issuer = ci.client("eks").describe_cluster(name="ci")["cluster"]["identity"]["oidc"]["issuer"]
name = issuer.removeprefix("https://")
provider = ci.client("iam").create_open_id_connect_provider(
    Url=issuer, ClientIDList=["sts.amazonaws.com"])["OpenIDConnectProviderArn"]


def create(session, role, trust, allow):
    iam = session.client("iam")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
    arn = iam.create_policy(PolicyName=f"{role}-policy", PolicyDocument=allow)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    return iam.get_role(RoleName=role)["Role"]["Arn"]


target = f"arn:aws:iam::{PROD}:role/target-account-iam-role"
source = create(
    ci, "ci-account-iam-role",
    policy(Principal={"Federated": provider}, Action="sts:AssumeRoleWithWebIdentity",
           Condition={"StringEquals": {
               f"{name}:aud": "sts.amazonaws.com",
               f"{name}:sub": "system:serviceaccount:ci-namespace:ci-serviceaccount"}}),
    policy(Action="sts:AssumeRole", Resource=target))
create(prod, "target-account-iam-role",
       policy(Principal={"AWS": source}, Action="sts:AssumeRole"),
       policy(Action=["eks:DescribeCluster", "eks:ListClusters"], Resource="*"))

os.environ["AWS_CONFIG_FILE"] = os.environ["SEED_CONFIG"]
del os.environ["AWS_SHARED_CREDENTIALS_FILE"], os.environ["AWS_PROFILE"]


def who(profile):
    return boto3.Session(profile_name=profile).client("sts").get_caller_identity()


eks = boto3.Session(profile_name="target-env").client("eks")
print(json.dumps({
    "ci-env": who("ci-env"),
    "target-env": who("target-env"),
    "clusters": eks.list_clusters()["clusters"],
    "cluster": eks.describe_cluster(name="prod")["cluster"]["name"],
}))
