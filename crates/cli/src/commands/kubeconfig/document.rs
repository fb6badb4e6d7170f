//! A kubeconfig as data: what we do not know of it stays as it is.

use crate::output::Failure;
use serde_json::{Map, Value, json};
use std::path::Path;

/// The extension by which an entry says of which plane and cluster it is; clients leave it alone.
const MARK: &str = "rolecall";
/// The lists of named entries, and where an entry of each has its content.
const LISTS: [(&str, &str); 3] = [
    ("clusters", "cluster"),
    ("contexts", "context"),
    ("users", "user"),
];

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
        for (list, _) in LISTS {
            if let Some(entries) = self.list_mut(list) {
                entries.retain(|entry| name_of(entry) == name);
            }
        }
    }

    /// The entries as they stand in a file of the user's: under names of their own, and each with the
    /// mark of the plane, its state folder.
    pub(super) fn marked(&self, prefix: &str, plane: &Path) -> Self {
        let mut marked = self.clone();
        for (list, content) in LISTS {
            for entry in marked.list_mut(list).into_iter().flatten() {
                let cluster = name_of(entry).to_owned();
                let name = format!("{prefix}{cluster}");
                if list == "contexts" {
                    entry[content]["cluster"] = json!(name);
                    entry[content]["user"] = json!(name);
                }
                let mark = json!({ "plane": plane, "cluster": cluster });
                entry[content]["extensions"] = json!([{ "name": MARK, "extension": mark }]);
                entry["name"] = json!(name);
            }
        }
        marked
    }

    /// The names of another document that this one has for something else than the same cluster of the
    /// same plane.
    pub(super) fn taken(&self, other: &Self) -> Vec<String> {
        let is_taken = |(list, content), entry: &&Value| {
            let mut same = self.list(list).iter();
            let same = same.find(|found| name_of(found) == name_of(entry));
            same.is_some_and(|found| mark_of(found, content) != mark_of(entry, content))
        };
        let mut taken: Vec<_> = LISTS
            .iter()
            .flat_map(|&list| {
                other
                    .list(list.0)
                    .iter()
                    .filter(move |entry| is_taken(list, entry))
            })
            .map(|entry| format!("`{}`", name_of(entry)))
            .collect();
        taken.sort();
        taken.dedup();
        taken
    }

    /// Takes in the entries of another document, each in the place of the one of its name, if there is one.
    pub(super) fn add(&mut self, other: &Self) {
        for (list, _) in LISTS {
            let entries = self.0.entry(list).or_insert_with(|| json!([]));
            if !entries.is_array() {
                *entries = json!([]);
            }
            let Some(entries) = entries.as_array_mut() else {
                continue;
            };
            for added in other.list(list) {
                let mut there = entries.iter_mut();
                match there.find(|entry| name_of(entry) == name_of(added)) {
                    Some(entry) => *entry = added.clone(),
                    None => entries.push(added.clone()),
                }
            }
        }
    }

    /// Takes away what bears the mark of a plane, of one cluster or of all; gives the contexts.
    pub(super) fn remove_marked(&mut self, plane: &Path, cluster: Option<&str>) -> Vec<String> {
        let is_ours = |entry: &Value, content| {
            mark_of(entry, content).is_some_and(|mark| {
                mark["plane"] == json!(plane)
                    && cluster.is_none_or(|cluster| mark["cluster"] == cluster)
            })
        };
        let contexts = self.list("contexts").iter();
        let removed: Vec<_> = contexts
            .filter(|entry| is_ours(entry, "context"))
            .map(|entry| name_of(entry).to_owned())
            .collect();
        for (list, content) in LISTS {
            if let Some(entries) = self.list_mut(list) {
                entries.retain(|entry| !is_ours(entry, content));
            }
        }
        if removed.iter().any(|name| name == self.current()) {
            self.set_current("");
        }
        removed
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

/// Of which plane and cluster an entry says that it is.
fn mark_of<'a>(entry: &'a Value, content: &str) -> Option<&'a Value> {
    let mut extensions = entry.get(content)?.get("extensions")?.as_array()?.iter();
    extensions
        .find(|one| name_of(one) == MARK)?
        .get("extension")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLANE: &str = "/state/one";

    fn ours() -> Document {
        let mut document = Document::empty();
        for (list, content) in LISTS {
            let entry = |name| json!({ "name": name, content: { "cluster": name, "user": name } });
            let entries = ["ci", "prod"].map(entry);
            document.0.insert(list.to_owned(), entries.to_vec().into());
        }
        document
    }

    fn marked() -> Document {
        ours().marked("rolecall-", Path::new(PLANE))
    }

    #[test]
    fn a_context_of_ours_leads_to_the_cluster_and_user_of_ours() {
        let marked = marked();
        assert_eq!(marked.contexts(), ["rolecall-ci", "rolecall-prod"]);
        let context = &marked.list("contexts")[0]["context"];
        assert_eq!(context["user"], "rolecall-ci");
    }

    #[test]
    fn a_name_is_taken_by_a_user_or_another_plane_but_not_by_the_same_plane() {
        let names = ["`rolecall-ci`", "`rolecall-prod`"];
        let mut theirs = Document::empty();
        assert!(theirs.taken(&marked()).is_empty());
        theirs.add(&marked());
        assert!(theirs.taken(&marked()).is_empty());
        let other = ours().marked("rolecall-", Path::new("/state/two"));
        assert_eq!(theirs.taken(&other), names);
        let mut theirs = ours();
        theirs.add(&marked());
        assert_eq!(theirs.taken(&ours().marked("", Path::new(PLANE))).len(), 2);
    }

    #[test]
    fn one_cluster_is_removed_alone_and_no_other_planes() {
        let mut theirs = Document::empty();
        theirs.add(&marked());
        theirs.set_current("rolecall-ci");
        assert!(
            theirs
                .remove_marked(Path::new("/state/two"), None)
                .is_empty()
        );
        let removed = theirs.remove_marked(Path::new(PLANE), Some("prod"));
        assert_eq!(removed, ["rolecall-prod"]);
        assert_eq!(
            (theirs.contexts(), theirs.current()),
            (vec!["rolecall-ci".to_owned()], "rolecall-ci")
        );
    }

    proptest! {
        #[test]
        fn a_removal_undoes_a_merge(names in prop::collection::vec("[a-z-]{1,8}", 0..5), field in "[a-z]{1,6}x") {
            let mut theirs = Document::empty();
            for (list, _) in LISTS {
                let entries: Vec<_> = names.iter().map(|name| json!({ "name": name, field.as_str(): 1 })).collect();
                theirs.0.insert(list.to_owned(), entries.into());
            }
            theirs.0.insert(field, json!({ "kept": [true] }));
            let before = theirs.clone();
            theirs.add(&marked());
            theirs.remove_marked(Path::new(PLANE), None);
            prop_assert_eq!(&theirs, &before);
            let read = Document::parse(&theirs.to_yaml());
            prop_assert_eq!(read, Ok(before));
        }
    }
}
