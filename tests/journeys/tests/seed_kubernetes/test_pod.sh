# "Verifying the cross-account access to AWS resources", up to the pod's name. Where the seed's script
# downloads programs, this one finds them on the machine, in a folder that the Pod mounts.
cat >awsconfig-configmap.yaml <<END
[profile ci-env]
role_arn = arn:aws:iam::111111111111:role/ci-account-iam-role
web_identity_token_file = /var/run/secrets/eks.amazonaws.com/serviceaccount/token

[profile target-env]
role_arn = arn:aws:iam::444444444444:role/target-account-iam-role
source_profile = ci-env
role_session_name = xactarget
END
cat >script-configmap.yaml <<END
#!/bin/bash
ln -sf $AWS /usr/local/bin/aws
cp -r aws_config/ ~/.aws/
ln -sf $KUBECTL /usr/local/bin/kubectl
kubectl version --client
END
kubectl create configmap awsconfig-configmap \
    --from-file=config=awsconfig-configmap.yaml \
    -n ci-namespace
kubectl create configmap script-configmap \
    --from-file=script.sh=script-configmap.yaml \
    -n ci-namespace

cat >test-deployment.yaml <<END
apiVersion: apps/v1
kind: Deployment
metadata:
  creationTimestamp: null
  labels:
    app: test-deployment
  name: test-deployment
  namespace: ci-namespace
spec:
  replicas: 1
  selector:
    matchLabels:
      app: test-pod
  template:
    metadata:
      creationTimestamp: null
      labels:
        app: test-pod
    spec:
      containers:
      - image: ubuntu
        name: ubuntu
        command: ["sleep","10000"]
        volumeMounts:
        - name: test-volume
          mountPath: /aws_config
        - name: script-volume
          mountPath: /scripts
        - name: programs
          mountPath: $PROGRAMS
          readOnly: true
      volumes:
      - name: programs
        hostPath:
          path: $PROGRAMS
      - name: test-volume
        configMap:
          name: awsconfig-configmap
      - name: script-volume
        configMap:
          name: script-configmap
      serviceAccountName: ci-serviceaccount
END
kubectl apply -f test-deployment.yaml
kubectl rollout status deployment test-deployment -n ci-namespace --timeout=60s
POD_NAME=$(kubectl get pod \
            -l app=test-pod \
            -n ci-namespace \
            -o jsonpath='{.items[0].metadata.name}')
echo "pod $POD_NAME"
