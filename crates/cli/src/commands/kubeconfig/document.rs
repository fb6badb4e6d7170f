//! A kubeconfig as data: what we do not know of it stays as it is.

use crate::output::Failure;
use serde_json::{Map, Value, json};
use std::path::Path;

/// What names of ours begin with in a file of the user's.
const OURS: &str = "rolecall-";
/// The lists of named entries.
const LISTS: [&str; 3] = ["clusters", "contexts", "users"];

/// A kubeconfig.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document(Map<String, Value>);

impl Document {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let unreadable = |why: &dyn std::fmt::Display| {
            Failure::unanswered(
                "kubeconfig-unreadable",
                format!("`{}`: {why}", path.display()),
            )
        };
        let text = std::fs::read_to_string(path).map_err(|why| unreadable(&why))?;
        Self::parse(&text).map_err(|why| unreadable(&why))
    }

    /// An empty text is an empty kubeconfig.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::empty());
        }
        match serde_saphyr::from_str(text) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(_) => Err("it is not a kubeconfig".to_owned()),
            Err(why) => Err(why.to_string()),
        }
    }

    pub(super) fn empty() -> Self {
        let map = [
            ("apiVersion", "v1"),
            ("kind", "Config"),
            ("current-context", ""),
        ];
        Self(
            map.into_iter()
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect(),
        )
    }

    pub(super) fn to_yaml(&self) -> String {
        serde_saphyr::to_string(&self.0).unwrap_or_default()
    }

    pub(super) fn current(&self) -> &str {
        self.0
            .get("current-context")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    pub(super) fn set_current(&mut self, context: &str) {
        self.0.insert("current-context".to_owned(), context.into());
    }

    pub(super) fn contexts(&self) -> Vec<String> {
        let contexts = self.list("contexts").iter();
        contexts.map(|entry| name_of(entry).to_owned()).collect()
    }

    /// Keeps the entries of one name alone.
    pub(super) fn keep(&mut self, name: &str) {
        for list in LISTS {
            if let Some(entries) = self.list_mut(list) {
                entries.retain(|entry| name_of(entry) == name);
            }
        }
    }

    /// The entries under the names that they have in a file of the user's.
    pub(super) fn renamed(&self) -> Self {
        let mut renamed = self.clone();
        for list in LISTS {
            for entry in renamed.list_mut(list).into_iter().flatten() {
                let name = format!("{OURS}{}", name_of(entry));
                if list == "contexts" {
                    entry["context"]["cluster"] = json!(name);
                    entry["context"]["user"] = json!(name);
                }
                entry["name"] = json!(name);
            }
        }
        renamed
    }

    /// The names of another document that this one has.
    pub(super) fn taken(&self, other: &Self) -> Vec<String> {
        let mut taken: Vec<_> = LISTS
            .iter()
            .flat_map(|list| {
                other
                    .list(list)
                    .iter()
                    .filter(|entry| self.has(list, name_of(entry)))
            })
            .map(|entry| format!("`{}`", name_of(entry)))
            .collect();
        taken.sort();
        taken.dedup();
        taken
    }

    /// Takes in the entries of another document; those of the same names make way.
    pub(super) fn add(&mut self, other: &Self) {
        for list in LISTS {
            let added = other.list(list);
            let entries = self.0.entry(list).or_insert_with(|| json!([]));
            if !entries.is_array() {
                *entries = json!([]);
            }
            if let Some(entries) = entries.as_array_mut() {
                entries.retain(|entry| !added.iter().any(|one| name_of(one) == name_of(entry)));
                entries.extend(added.iter().cloned());
            }
        }
    }

    /// Takes away what [`Document::add`] added, of one cluster or of all; gives the contexts.
    pub(super) fn remove_ours(&mut self, cluster: Option<&str>) -> Vec<String> {
        let is_ours = |name: &str| match (name.strip_prefix(OURS), cluster) {
            (Some(of), Some(cluster)) => of == cluster,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let contexts: Vec<_> = self
            .contexts()
            .into_iter()
            .filter(|name| is_ours(name))
            .collect();
        for list in LISTS {
            if let Some(entries) = self.list_mut(list) {
                entries.retain(|entry| !is_ours(name_of(entry)));
            }
        }
        if is_ours(self.current()) {
            self.set_current("");
        }
        contexts
    }

    fn has(&self, list: &str, name: &str) -> bool {
        self.list(list).iter().any(|entry| name_of(entry) == name)
    }

    fn list(&self, name: &str) -> &[Value] {
        let list = self.0.get(name).and_then(Value::as_array);
        list.map(Vec::as_slice).unwrap_or_default()
    }

    fn list_mut(&mut self, name: &str) -> Option<&mut Vec<Value>> {
        self.0.get_mut(name)?.as_array_mut()
    }
}

fn name_of(entry: &Value) -> &str {
    entry
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ours() -> Document {
        let entry = |kind: &str, name: &str| json!({ "name": name, kind: { "cluster": name, "user": name } });
        let lists = [
            ("clusters", "cluster"),
            ("contexts", "context"),
            ("users", "user"),
        ];
        let mut document = Document::empty();
        for (list, kind) in lists {
            let entries = ["ci", "prod"].map(|name| entry(kind, name));
            document.0.insert(list.to_owned(), entries.to_vec().into());
        }
        document
    }

    #[test]
    fn a_context_of_ours_leads_to_the_cluster_and_user_of_ours() {
        let renamed = ours().renamed();
        assert_eq!(renamed.contexts(), ["rolecall-ci", "rolecall-prod"]);
        assert_eq!(
            renamed.list("contexts")[0]["context"]["user"],
            "rolecall-ci"
        );
    }

    #[test]
    fn names_that_are_there_are_told() {
        let mut theirs = Document::empty();
        assert!(theirs.taken(&ours().renamed()).is_empty());
        theirs.add(&ours().renamed());
        assert_eq!(
            theirs.taken(&ours().renamed()),
            ["`rolecall-ci`", "`rolecall-prod`"]
        );
    }

    #[test]
    fn one_cluster_is_removed_alone() {
        let mut theirs = Document::empty();
        theirs.add(&ours().renamed());
        theirs.set_current("rolecall-ci");
        assert_eq!(theirs.remove_ours(Some("prod")), ["rolecall-prod"]);
        assert_eq!(
            (theirs.contexts(), theirs.current()),
            (vec!["rolecall-ci".to_owned()], "rolecall-ci")
        );
    }

    proptest! {
        #[test]
        fn a_removal_undoes_a_merge(names in prop::collection::vec("[a-z-]{1,8}", 0..5), field in "[a-z]{1,6}x") {
            let mut theirs = Document::empty();
            for list in LISTS {
                let entries: Vec<_> = names.iter().map(|name| json!({ "name": name, field.as_str(): 1 })).collect();
                theirs.0.insert(list.to_owned(), entries.into());
            }
            theirs.0.insert(field, json!({ "kept": [true] }));
            let before = theirs.clone();
            theirs.add(&ours().renamed());
            theirs.remove_ours(None);
            prop_assert_eq!(&theirs, &before);
            let read = Document::parse(&theirs.to_yaml());
            prop_assert_eq!(read, Ok(before));
        }
    }
}
