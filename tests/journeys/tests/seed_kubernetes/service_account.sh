# "Setup Kubernetes serviceaccount in CI account".
namespace=ci-namespace
service_account=ci-serviceaccount
account_id=$(aws sts get-caller-identity --query "Account" --output text)
kubectl create namespace $namespace

cat >my-service-account.yaml <<END
apiVersion: v1
kind: ServiceAccount
metadata:
  name: $service_account
  namespace: $namespace
END
kubectl apply -f my-service-account.yaml
kubectl annotate serviceaccount \
-n $namespace $service_account eks.amazonaws.com/role-arn=arn:aws:iam::$account_id:role/ci-account-iam-role
