# A Job whose Pod is the service account; its program comes from a ConfigMap, its Python from the machine.
kubectl create configmap app --from-file=app.py -n ci-namespace
cat >job.yaml <<END
apiVersion: batch/v1
kind: Job
metadata:
  name: app
  namespace: ci-namespace
spec:
  backoffLimit: 0
  template:
    spec:
      serviceAccountName: $service_account
      restartPolicy: Never
      containers:
      - name: app
        image: python
        command: [$PYTHON, /app/app.py]
        volumeMounts:
        - {name: app, mountPath: /app}
        - {name: programs, mountPath: $PROGRAMS, readOnly: true}
      volumes:
      - {name: app, configMap: {name: app}}
      - {name: programs, hostPath: {path: $PROGRAMS}}
END
kubectl apply -f job.yaml
kubectl wait job app -n ci-namespace --for=condition=Complete --timeout=60s
kubectl logs job/app -n ci-namespace
