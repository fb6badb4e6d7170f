"""What Kubernetes' Python client does: lists, watches, changes, reads logs, executes, forwards ports."""
import json
import time

from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException
from kubernetes.stream import portforward, stream

config.load_kube_config()
core, apps, name = client.CoreV1Api(), client.AppsV1Api(), "python"
core.create_namespace({"metadata": {"name": name}})


def settings(colour):
    return {"metadata": {"name": "settings", "labels": {"made": "here"}}, "data": {"colour": colour}}


told = {}
start = core.list_namespaced_config_map(name).metadata.resource_version
core.create_namespaced_config_map(name, settings("green"))
core.patch_namespaced_config_map("settings", name, {"data": {"colour": "red"}})
told["listed"] = [one.data["colour"] for one in
                  core.list_namespaced_config_map(name, label_selector="made=here").items]
core.delete_namespaced_config_map("settings", name)
seen = []
for event in watch.Watch().stream(core.list_namespaced_config_map, name, resource_version=start,
                                  label_selector="made=here", timeout_seconds=60):
    seen.append([event["type"], event["object"].data["colour"]])
    if event["type"] == "DELETED":
        break
told["watched"] = seen
try:
    core.read_namespaced_config_map("settings", name)
except ApiException as refused:
    told["refused"] = [refused.status, json.loads(refused.body)["reason"]]

SERVER = """import http.server as h
s = h.ThreadingHTTPServer(("127.0.0.1", 0), h.SimpleHTTPRequestHandler)
print(s.server_port, flush=True)
s.serve_forever()"""
core.create_namespaced_pod(name, {
    "metadata": {"name": "server"},
    "spec": {"terminationGracePeriodSeconds": 1, "containers": [
        {"name": "main", "image": "x", "command": ["python3", "-c", SERVER]}]}})
for event in watch.Watch().stream(core.list_namespaced_pod, name, timeout_seconds=60):
    if event["object"].status.phase == "Running":
        break
executed = stream(core.connect_get_namespaced_pod_exec, "server", name,
                  command=["sh", "-c", "read line; echo got $line; echo oops >&2; exit 3"],
                  stdin=True, stdout=True, stderr=True, _preload_content=False)
executed.write_stdin("this\n")
executed.run_forever(timeout=60)
told["executed"] = [executed.read_stdout(), executed.read_stderr(), executed.returncode]

port = ""
while not port.strip():
    port = core.read_namespaced_pod_log("server", name)
    time.sleep(0.1)
port = int(port)
forward = portforward(core.connect_get_namespaced_pod_portforward, "server", name, ports=str(port))
socket = forward.socket(port)
socket.setblocking(True)
socket.sendall(b"GET / HTTP/1.0\r\n\r\n")
told["forwarded"] = socket.recv(15).decode()

deployments = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version="apps/v1", kind="Deployment")
labels = {"app": "web"}
deployments.server_side_apply(namespace=name, field_manager="python", body={
    "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
    "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "web", "image": "x", "command": ["sleep", "10000"]}]}}}})
apps.patch_namespaced_deployment_scale("web", name, {"spec": {"replicas": 2}})
for event in watch.Watch().stream(apps.list_namespaced_deployment, name, timeout_seconds=60):
    if event["object"].status.ready_replicas == 2:
        told["ready"] = 2
        break
core.delete_namespace(name)
print(json.dumps(told))
