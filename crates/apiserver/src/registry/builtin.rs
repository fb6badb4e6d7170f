//! The one table of what is built in.
//!
//! Of the kinds that need a controller only those stand here whose controller exists, and those of
//! which it can be said what does not happen: discovery promises nothing.

use super::events;
use super::{Ending, KeptAs, ResourceDef, Scope, Strategy, Verb};
use crate::subresource::SubresourceDef;
use names::{GroupResource, Gvk};

pub(super) fn resources() -> Vec<ResourceDef> {
    let mut all = core();
    all.extend(others());
    all
}

fn core() -> Vec<ResourceDef> {
    let v1 = |plural, kind| resource("", "v1", plural, kind);
    vec![
        v1("bindings", "Binding").only_create(),
        v1("configmaps", "ConfigMap").short("cm"),
        v1("endpoints", "Endpoints")
            .singular("endpoints")
            .short("ep"),
        v1("events", "Event").short("ev"),
        v1("limitranges", "LimitRange").short("limits"),
        v1("namespaces", "Namespace")
            .short("ns")
            .cluster()
            .status()
            .ending(Ending::Namespace)
            .sub(SubresourceDef::finalize()),
        v1("nodes", "Node").short("no").cluster().status(),
        v1("persistentvolumeclaims", "PersistentVolumeClaim")
            .short("pvc")
            .status()
            .pending(),
        v1("persistentvolumes", "PersistentVolume")
            .short("pv")
            .cluster()
            .status()
            .pending(),
        v1("podtemplates", "PodTemplate"),
        v1("pods", "Pod")
            .short("po")
            .all()
            .status()
            .generation()
            .ending(Ending::Pod)
            .sub(SubresourceDef::stream("attach", "PodAttachOptions"))
            .sub(SubresourceDef::binding())
            .sub(SubresourceDef::eviction())
            .sub(SubresourceDef::stream("exec", "PodExecOptions"))
            .sub(SubresourceDef::log())
            .sub(SubresourceDef::stream(
                "portforward",
                "PodPortForwardOptions",
            )),
        v1("resourcequotas", "ResourceQuota")
            .short("quota")
            .status(),
        v1("secrets", "Secret").sealed(),
        v1("serviceaccounts", "ServiceAccount")
            .short("sa")
            .sub(SubresourceDef::token()),
        v1("services", "Service").short("svc").all().status(),
    ]
}

fn others() -> Vec<ResourceDef> {
    let apps = |plural, kind| resource("apps", "v1", plural, kind);
    let rbac = |plural, kind| resource("rbac.authorization.k8s.io", "v1", plural, kind);
    let identity = |plural, kind| resource("authentication.k8s.io", "v1", plural, kind);
    let rights = |plural, kind| resource("authorization.k8s.io", "v1", plural, kind);
    let net = |plural, kind| resource("networking.k8s.io", "v1", plural, kind);
    vec![
        identity("selfsubjectreviews", "SelfSubjectReview")
            .cluster()
            .only_create(),
        identity("tokenreviews", "TokenReview")
            .cluster()
            .only_create(),
        rights("localsubjectaccessreviews", "LocalSubjectAccessReview").only_create(),
        rights("selfsubjectaccessreviews", "SelfSubjectAccessReview")
            .cluster()
            .only_create(),
        rights("selfsubjectrulesreviews", "SelfSubjectRulesReview")
            .cluster()
            .only_create(),
        rights("subjectaccessreviews", "SubjectAccessReview")
            .cluster()
            .only_create(),
        apps("controllerrevisions", "ControllerRevision"),
        apps("daemonsets", "DaemonSet")
            .short("ds")
            .all()
            .status()
            .generation(),
        apps("deployments", "Deployment")
            .short("deploy")
            .all()
            .status()
            .generation()
            .sub(SubresourceDef::scale()),
        apps("replicasets", "ReplicaSet")
            .short("rs")
            .all()
            .status()
            .generation()
            .sub(SubresourceDef::scale()),
        apps("statefulsets", "StatefulSet")
            .short("sts")
            .all()
            .status()
            .generation()
            .sub(SubresourceDef::scale()),
        resource(
            "autoscaling",
            "v2",
            "horizontalpodautoscalers",
            "HorizontalPodAutoscaler",
        )
        .short("hpa")
        .all()
        .status()
        .kept_only("nothing is scaled by it"),
        resource("batch", "v1", "cronjobs", "CronJob")
            .short("cj")
            .all()
            .status()
            .generation(),
        resource("batch", "v1", "jobs", "Job")
            .all()
            .status()
            .generation(),
        resource("coordination.k8s.io", "v1", "leases", "Lease"),
        resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice").generation(),
        resource("events.k8s.io", "v1", "events", "Event")
            .short("ev")
            .kept_as(events::IN_CORE),
        net("ingressclasses", "IngressClass")
            .singular("ingressclass")
            .cluster()
            .generation()
            .kept_only("no controller answers for it"),
        net("ingresses", "Ingress")
            .singular("ingress")
            .short("ing")
            .status()
            .generation()
            .kept_only("nothing listens for its hosts"),
        net("networkpolicies", "NetworkPolicy")
            .singular("networkpolicy")
            .short("netpol")
            .generation()
            .kept_only("no traffic is filtered"),
        resource(
            "policy",
            "v1",
            "poddisruptionbudgets",
            "PodDisruptionBudget",
        )
        .short("pdb")
        .status()
        .generation(),
        rbac("clusterrolebindings", "ClusterRoleBinding").cluster(),
        rbac("clusterroles", "ClusterRole").cluster(),
        rbac("rolebindings", "RoleBinding"),
        rbac("roles", "Role"),
        resource(
            "scheduling.k8s.io",
            "v1",
            "priorityclasses",
            "PriorityClass",
        )
        .singular("priorityclass")
        .short("pc")
        .cluster()
        .generation()
        .kept_only("no Pod goes before another"),
        resource("storage.k8s.io", "v1", "storageclasses", "StorageClass")
            .singular("storageclass")
            .short("sc")
            .cluster(),
    ]
}

/// A namespaced resource that is stored and can be asked everything.
fn resource(group: &str, version: &str, plural: &str, kind: &str) -> ResourceDef {
    let gvk = gvk(group, version, kind);
    #[expect(
        clippy::expect_used,
        reason = "constants of this file; each test reads them"
    )]
    let plural = plural.parse().expect("a well-spelt plural");
    ResourceDef {
        resource: GroupResource {
            group: gvk.group.clone(),
            plural,
        },
        gvk,
        singular: kind.to_lowercase().into(),
        short_names: Vec::new(),
        categories: Vec::new(),
        scope: Scope::Namespaced,
        verbs: Verb::ALL,
        subresources: Vec::new(),
        strategy: Strategy {
            generation: false,
            status: false,
            sealed: false,
            ending: Ending::AtOnce,
            begins_pending: false,
            kept_only: None,
        },
        kept_as: None,
    }
}

impl ResourceDef {
    fn singular(mut self, name: &str) -> Self {
        self.singular = name.into();
        self
    }

    fn short(mut self, name: &str) -> Self {
        self.short_names.push(name.into());
        self
    }

    fn all(mut self) -> Self {
        self.categories.push("all".into());
        self
    }

    fn cluster(mut self) -> Self {
        self.scope = Scope::Cluster;
        self
    }

    fn only_create(mut self) -> Self {
        self.verbs = Verb::CREATE;
        self
    }

    fn generation(mut self) -> Self {
        self.strategy.generation = true;
        self
    }

    fn sealed(mut self) -> Self {
        self.strategy.sealed = true;
        self
    }

    fn ending(mut self, ending: Ending) -> Self {
        self.strategy.ending = ending;
        self
    }

    fn pending(mut self) -> Self {
        self.strategy.begins_pending = true;
        self
    }

    fn kept_as(mut self, kept: KeptAs) -> Self {
        self.kept_as = Some(kept);
        self
    }

    fn kept_only(mut self, why: &'static str) -> Self {
        self.strategy.kept_only = Some(why);
        self
    }

    fn status(mut self) -> Self {
        self.strategy.status = true;
        let status = SubresourceDef::status(&self);
        self.sub(status)
    }

    fn sub(mut self, subresource: SubresourceDef) -> Self {
        self.subresources.push(subresource);
        self.subresources.sort_by(|a, b| a.name.cmp(&b.name));
        self
    }
}

#[expect(
    clippy::expect_used,
    reason = "constants of this crate; each test reads them"
)]
pub(crate) fn gvk(group: &str, version: &str, kind: &str) -> Gvk {
    Gvk::parse(group, version, kind).expect("a well-spelt type")
}
