# "configure a pod to use a service account".
my_app=medusa-core
cat >my-deployment.yaml <<END
apiVersion: apps/v1
kind: Deployment
metadata:
  name: $my_app
  namespace: ci-namespace
spec:
  selector:
    matchLabels:
      app: $my_app
  template:
    metadata:
      labels:
        app: $my_app
    spec:
      serviceAccountName: ci-serviceaccount
      containers:
      - name: $my_app
        image: public.ecr.aws/nginx/nginx:1.21
        command: ["sleep", "10000"]
END
kubectl apply -f my-deployment.yaml
kubectl rollout status deployment $my_app -n ci-namespace --timeout=60s
kubectl get pods -n ci-namespace | grep $my_app
my_pod=$(kubectl get pods -n ci-namespace -l app=$my_app -o name)
kubectl describe $my_pod -n ci-namespace | grep AWS_ROLE_ARN:
kubectl describe $my_pod -n ci-namespace | grep AWS_WEB_IDENTITY_TOKEN_FILE:
kubectl describe deployment $my_app -n ci-namespace | grep "Service Account"
kubectl delete -f my-deployment.yaml
