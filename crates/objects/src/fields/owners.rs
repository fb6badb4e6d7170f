//! Who owns what in an object: the entries of `metadata.managedFields`.

use super::Write;
use super::set::FieldSet;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// How an owner came by its fields. Applying sorts first, as Kubernetes lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// It states all that it wants, each time.
    Apply,
    /// It writes what it wants.
    Update,
}

/// An owner of fields.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldOwner {
    /// Its name.
    pub name: String,
    /// How it came by its fields.
    pub operation: Operation,
    /// The version it last spoke; one that applies is the same owner in every version.
    version: Option<String>,
    /// The subresource it writes to; empty for the object itself.
    pub subresource: String,
}

/// What an owner has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// The fields.
    pub fields: FieldSet,
    /// The version in which they are named.
    pub api_version: String,
    /// When it last changed any of them.
    pub time: Option<Timestamp>,
}

/// All owners of an object's fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owners {
    owned: BTreeMap<FieldOwner, Owned>,
}

/// An entry of `managedFields` that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MalformedFields {
    /// `managedFields` is no list of entries, or `fieldsV1` is no object.
    #[error("managed fields are a list of entries with an object `fieldsV1`")]
    NotAnObject,
    /// A key of `fieldsV1` is no path element.
    #[error("`{0}` is no path element")]
    Element(String),
    /// The operation is neither Apply nor Update.
    #[error("invalid operation type `{0}`: `Apply` or `Update`")]
    Operation(String),
    /// A time that is none.
    #[error("`{0}` is no time")]
    Time(String),
    /// The paths are too long.
    #[error("`fieldsV1` is nested too deeply")]
    TooDeep,
}

/// Owners that update: older ones are put together.
const UPDATERS_MAX: usize = 10;
/// The owner into which older ones are put.
const ANCIENT_CHANGES: &str = "ancient-changes";

impl FieldOwner {
    /// The owner that makes a write.
    #[must_use]
    pub fn of(write: &Write<'_>, operation: Operation) -> Self {
        Self::new(write.owner, operation, write.api_version, write.subresource)
    }

    fn new(name: &str, operation: Operation, api_version: &str, subresource: &str) -> Self {
        let version = match operation {
            Operation::Apply => None,
            Operation::Update => Some(api_version.to_owned()),
        };
        let (name, subresource) = (name.to_owned(), subresource.to_owned());
        Self {
            name,
            operation,
            version,
            subresource,
        }
    }
}

impl Owners {
    /// The owners that an object's metadata names.
    pub fn of(object: &Map<String, Value>) -> Result<Self, MalformedFields> {
        let entries = match object
            .get("metadata")
            .map(|metadata| &metadata["managedFields"])
        {
            None | Some(Value::Null) => return Ok(Self::default()),
            Some(Value::Array(entries)) => entries,
            Some(_) => return Err(MalformedFields::NotAnObject),
        };
        let owned = entries.iter().map(read_entry);
        Ok(Self {
            owned: owned.collect::<Result<_, _>>()?,
        })
    }

    /// Whether nobody owns anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.owned.is_empty()
    }

    /// What the owner has.
    #[must_use]
    pub fn get(&self, owner: &FieldOwner) -> Option<&Owned> {
        self.owned.get(owner)
    }

    /// All owners and what they have.
    pub fn iter(&self) -> impl Iterator<Item = (&FieldOwner, &Owned)> {
        self.owned.iter()
    }

    /// Everybody's fields.
    #[must_use]
    pub fn all_fields(&self) -> FieldSet {
        let all = self.owned.values();
        all.fold(FieldSet::default(), |all, owned| all.union(&owned.fields))
    }

    pub(super) fn set(&mut self, owner: FieldOwner, owned: Owned) {
        self.owned.insert(owner, owned);
    }

    /// Takes fields from everybody but `but`.
    pub(super) fn take_from_others(&mut self, but: &FieldOwner, fields: &FieldSet) {
        for (owner, owned) in &mut self.owned {
            if owner != but {
                owned.fields = owned.fields.difference(fields);
            }
        }
    }

    /// Takes fields from everybody.
    pub(super) fn strip(&mut self, fields: &FieldSet) {
        for owned in self.owned.values_mut() {
            owned.fields = owned.fields.difference(fields);
        }
    }

    pub(super) fn drop_empty(&mut self) {
        self.owned.retain(|_, owned| !owned.fields.is_empty());
    }

    /// Puts the oldest updaters of each version together until few enough are left.
    pub(super) fn put_old_updaters_together(&mut self) {
        let mut updaters: Vec<_> = self.updaters();
        updaters.sort();
        let mut count = updaters.len();
        let mut first_of_version = BTreeMap::new();
        for (time, owner) in updaters {
            if count <= UPDATERS_MAX {
                break;
            }
            let Some(api_version) = owner.version.clone() else {
                continue;
            };
            let bucket = FieldOwner::new(ANCIENT_CHANGES, Operation::Update, &api_version, "");
            let Some(first) = first_of_version.get(&api_version) else {
                first_of_version.insert(api_version, owner);
                continue;
            };
            if !self.owned.contains_key(&bucket)
                && let Some(owned) = self.owned.remove(first)
            {
                self.owned.insert(bucket.clone(), owned);
            }
            if let Some(owned) = self.owned.remove(&owner) {
                let kept = self
                    .owned
                    .remove(&bucket)
                    .map(|kept| kept.fields)
                    .unwrap_or_default();
                let fields = kept.union(&owned.fields);
                self.owned.insert(
                    bucket,
                    Owned {
                        fields,
                        time,
                        ..owned
                    },
                );
                count -= 1;
            }
        }
    }

    fn updaters(&self) -> Vec<(Option<Timestamp>, FieldOwner)> {
        let updaters = self
            .owned
            .iter()
            .filter(|(owner, _)| owner.operation == Operation::Update);
        updaters
            .map(|(owner, owned)| (owned.time, owner.clone()))
            .collect()
    }

    /// Writes the owners into an object's metadata.
    pub fn write_into(&self, object: &mut Map<String, Value>) {
        let metadata = object.entry("metadata").or_insert_with(|| json!({}));
        let Value::Object(metadata) = metadata else {
            return;
        };
        if self.owned.is_empty() {
            metadata.remove("managedFields");
            return;
        }
        let mut entries: Vec<_> = self.owned.iter().collect();
        entries.sort_by_key(|(owner, owned)| {
            (
                owner.operation,
                owned.time,
                &owner.name,
                &owned.api_version,
                &owner.subresource,
            )
        });
        let entries = entries
            .into_iter()
            .map(|(owner, owned)| write_entry(owner, owned));
        metadata.insert("managedFields".to_owned(), entries.collect());
    }
}

fn read_entry(entry: &Value) -> Result<(FieldOwner, Owned), MalformedFields> {
    let text = |field: &str| entry[field].as_str().unwrap_or_default();
    let operation = match text("operation") {
        "Apply" => Operation::Apply,
        "Update" => Operation::Update,
        other => return Err(MalformedFields::Operation(other.to_owned())),
    };
    let fields = entry.get("fieldsV1").filter(|fields| !fields.is_null());
    let fields = fields
        .map(FieldSet::from_wire)
        .transpose()?
        .unwrap_or_default();
    let time = match text("time") {
        "" => None,
        time => Some(
            time.parse()
                .map_err(|_| MalformedFields::Time(time.to_owned()))?,
        ),
    };
    let api_version = text("apiVersion").to_owned();
    let owner = FieldOwner::new(
        text("manager"),
        operation,
        &api_version,
        text("subresource"),
    );
    Ok((
        owner,
        Owned {
            fields,
            api_version,
            time,
        },
    ))
}

fn write_entry(owner: &FieldOwner, owned: &Owned) -> Value {
    let mut entry = json!({
        "manager": owner.name,
        "operation": owner.operation.to_string(),
        "apiVersion": owned.api_version,
        "fieldsType": "FieldsV1",
        "fieldsV1": owned.fields.to_wire(),
    });
    if let Some(time) = owned.time {
        entry["time"] = json!(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    }
    if !owner.subresource.is_empty() {
        entry["subresource"] = json!(owner.subresource);
    }
    entry
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        })
    }
}

/// As conflicts name the owner.
impl fmt::Display for FieldOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.name)?;
        if !self.subresource.is_empty() {
            write!(f, " with subresource {:?}", self.subresource)?;
        }
        self.version
            .as_ref()
            .map_or(Ok(()), |version| write!(f, " using {version}"))
    }
}
