// What Kubernetes' client for Node does: lists, watches by an informer, changes, executes.
import * as k8s from "@kubernetes/client-node";
import { PassThrough } from "node:stream";
import { once } from "node:events";

const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const namespace = "node", told = {};
await core.createNamespace({ body: { metadata: { name: namespace } } });

// An informer lists first and watches then: what came before and what comes after.
const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: "made=here" });
const path = `/api/v1/namespaces/${namespace}/configmaps`;
const informer = k8s.makeInformer(config, path, list, "made=here");
const settings = (name) => ({ metadata: { name, labels: { made: "here" } }, data: { colour: "green" } });
const seen = [];
const until = (verb, name) => new Promise((resolve) => {
  informer.on(verb, (object) => {
    seen.push([verb, object.metadata.name, object.data.colour]);
    if (object.metadata.name === name) resolve();
  });
});
const before = until("add", "before"), changed = until("update", "after"), gone = until("delete", "after");
await core.createNamespacedConfigMap({ namespace, body: settings("before") });
await informer.start();
await before;
await core.createNamespacedConfigMap({ namespace, body: settings("after") });
const patch = [{ op: "replace", path: "/data/colour", value: "red" }];
await core.patchNamespacedConfigMap({ namespace, name: "after", body: patch });
await changed;
await core.deleteNamespacedConfigMap({ namespace, name: "after" });
await gone;
told.seen = seen;
told.cached = informer.list(namespace).map((object) => object.metadata.name);
await informer.stop();

try {
  await core.readNamespacedConfigMap({ namespace, name: "none" });
} catch (refused) {
  told.refused = refused.code;
}

await core.createNamespacedPod({ namespace, body: {
  metadata: { name: "shell" },
  spec: { terminationGracePeriodSeconds: 1,
    containers: [{ name: "main", image: "x", command: ["sleep", "10000"] }] } } });
const watched = new k8s.Watch(config);
await new Promise((resolve, reject) => {
  watched.watch(`/api/v1/namespaces/${namespace}/pods`, {}, (type, pod) => {
    if (pod.status?.phase === "Running") resolve();
  }, reject).catch(reject);
});
const stdin = new PassThrough(), stdout = new PassThrough(), stderr = new PassThrough();
const wrote = { stdout: "", stderr: "" };
stdout.on("data", (some) => { wrote.stdout += some; });
stderr.on("data", (some) => { wrote.stderr += some; });
const command = ["sh", "-c", "read line; echo got $line; echo oops >&2; exit 3"];
const status = await new Promise((resolve, reject) => {
  new k8s.Exec(config)
    .exec(namespace, "shell", "main", command, stdout, stderr, stdin, false, resolve)
    .then(() => stdin.write("this\n"), reject);
});
await Promise.race([once(stdout, "end"), new Promise((resolve) => setTimeout(resolve, 200))]);
told.executed = [wrote.stdout, wrote.stderr, status.details?.causes?.[0]?.message];
await core.deleteNamespace({ name: namespace });
console.log(JSON.stringify(told));
process.exit(0);
