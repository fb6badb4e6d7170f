//! Volumes of a Pod.

use super::faults::{Faults, is_set, items, text};
use super::token_lifetime;
use crate::field_path::FieldPath;
use crate::spelling;
use serde_json::Value;
use std::collections::HashSet;

/// The names of a Pod's volumes.
pub(super) type Volumes<'v> = HashSet<&'v str>;

pub(super) fn check_all<'v>(
    volumes: &'v Value,
    path: FieldPath<'_>,
    faults: &mut Faults,
) -> Volumes<'v> {
    let mut names = HashSet::new();
    for (index, volume) in items(volumes).iter().enumerate() {
        let item = path.index(index);
        faults.named(item.child("name"), &volume["name"], spelling::dns_label);
        faults.once(&mut names, item.child("name"), &volume["name"]);
        check(volume, item, faults);
    }
    names
}

fn check(volume: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    let fields = volume.as_object().into_iter().flatten();
    let sources = fields.filter(|(field, value)| field.as_str() != "name" && is_set(value));
    let mut sources = sources.map(|(field, source)| (field.as_str(), source));
    let Some((first, source)) = sources.next() else {
        faults.required(path, "must specify a volume type");
        return;
    };
    for (other, _) in sources {
        faults.forbidden(path.child(other), "may not specify more than 1 volume type");
    }
    let place = path.child(first);
    match first {
        "hostPath" => host_path(source, place, faults),
        "configMap" => {
            required(source, "name", place, faults);
            keys(source, place, faults);
        }
        "secret" => {
            required(source, "secretName", place, faults);
            keys(source, place, faults);
        }
        "persistentVolumeClaim" => required(source, "claimName", place, faults),
        "downwardAPI" => downward(source, place, faults),
        "projected" => projected(source, place, faults),
        _ => {}
    }
}

fn required(source: &Value, field: &str, path: FieldPath<'_>, faults: &mut Faults) {
    if text(&source[field]).is_empty() {
        faults.required(path.child(field), "");
    }
}

fn host_path(source: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    required(source, "path", path, faults);
    if climbs(text(&source["path"])) {
        faults.invalid(path.child("path"), &source["path"], "must not contain '..'");
    }
    let types = [
        "",
        "BlockDevice",
        "CharDevice",
        "Directory",
        "DirectoryOrCreate",
        "File",
        "FileOrCreate",
        "Socket",
    ];
    faults.one_of(path.child("type"), &source["type"], &types);
}

/// The keys of a ConfigMap or a Secret that become files.
fn keys(source: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    mode(path.child("defaultMode"), &source["defaultMode"], faults);
    let list = path.child("items");
    for (index, key) in items(&source["items"]).iter().enumerate() {
        let item = list.index(index);
        required(key, "key", item, faults);
        file(key, item, faults);
    }
}

fn downward(source: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    mode(path.child("defaultMode"), &source["defaultMode"], faults);
    let list = path.child("items");
    for (index, field) in items(&source["items"]).iter().enumerate() {
        file(field, list.index(index), faults);
    }
}

/// A file in a volume: its path and mode.
fn file(file: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    required(file, "path", path, faults);
    relative_path(path.child("path"), &file["path"], faults);
    if text(&file["path"]).starts_with("..") && !climbs(text(&file["path"])) {
        faults.invalid(
            path.child("path"),
            &file["path"],
            "must not start with '..'",
        );
    }
    mode(path.child("mode"), &file["mode"], faults);
}

fn projected(source: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    mode(path.child("defaultMode"), &source["defaultMode"], faults);
    let list = path.child("sources");
    let mut files = HashSet::new();
    for (index, source) in items(&source["sources"]).iter().enumerate() {
        let item = list.index(index);
        let fields = source
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| is_set(value));
        for (number, (kind, source)) in fields.enumerate() {
            let place = item.child(kind);
            if number > 0 {
                faults.forbidden(place, "may not specify more than 1 volume type");
                continue;
            }
            match kind.as_str() {
                "configMap" | "secret" => {
                    required(source, "name", place, faults);
                    keys(source, place, faults);
                }
                "downwardAPI" => downward(source, place, faults),
                "serviceAccountToken" => {
                    let seconds = place.child("expirationSeconds");
                    token_lifetime(seconds, &source["expirationSeconds"], faults);
                    required(source, "path", place, faults);
                    relative_path(place.child("path"), &source["path"], faults);
                }
                _ => {}
            }
            let own = text(&source["path"]);
            let names = items(&source["items"])
                .iter()
                .map(|item| text(&item["path"]));
            for name in names.chain([own]).filter(|name| !name.is_empty()) {
                if !files.insert(name) {
                    faults.invalid(item, &Value::from(name), "conflicting duplicate paths");
                }
            }
        }
    }
}

fn mode(path: FieldPath<'_>, mode: &Value, faults: &mut Faults) {
    if mode
        .as_i64()
        .is_some_and(|mode| !(0..=0o777).contains(&mode))
    {
        let complaint = "must be a number between 0 and 0777 (octal), both inclusive";
        faults.invalid(path, mode, complaint);
    }
}

/// A path that stays inside the folder it starts from.
pub(super) fn relative_path(path: FieldPath<'_>, value: &Value, faults: &mut Faults) {
    if text(value).starts_with('/') {
        faults.invalid(path, value, "must be a relative path");
    }
    if climbs(text(value)) {
        faults.invalid(path, value, "must not contain '..'");
    }
}

fn climbs(path: &str) -> bool {
    path.split('/').any(|part| part == "..")
}
