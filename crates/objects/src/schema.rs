//! What each kind of object is made of.
//!
//! A [`Schema`] is a view into static tables (made by the build script from `data/`), as cheap to
//! copy as a reference. It says what a value may be ([`Shape`]) and how patches, merges and field
//! ownership go about it.

pub(crate) mod go;
mod kinds;
pub(crate) mod node;

use node::{FieldNode, Node, Site, StructNode};

pub use kinds::Schemas;
pub use node::{ListKind, PatchAction, PatchStrategy, Presence, Scalar};

/// What a value at some place in an object may be.
#[derive(Clone, Copy)]
pub struct Schema<'a>(&'a Site<'a>);

/// The form of a value.
#[derive(Debug, Clone, Copy)]
pub enum Shape<'a> {
    /// Whatever JSON can say, as in a field of type RawExtension.
    Any,
    /// One value.
    Scalar(Scalar),
    /// Items in order.
    List(List<'a>),
    /// Keys of the user's own choice.
    Map(Map<'a>),
    /// Known fields.
    Struct(Struct<'a>),
}

/// A list.
#[derive(Clone, Copy)]
pub struct List<'a> {
    item: &'a Site<'a>,
    kind: ListKind<'a>,
}

/// A map from text to values of one schema.
#[derive(Clone, Copy)]
pub struct Map<'a> {
    value: &'a Site<'a>,
    is_atomic: bool,
}

/// A structure.
#[derive(Clone, Copy)]
pub struct Struct<'a> {
    node: &'a StructNode<'a>,
    is_atomic: bool,
}

/// A field of a structure.
#[derive(Clone, Copy)]
pub struct Field<'a>(&'a FieldNode<'a>);

impl<'a> Schema<'a> {
    /// What the value may be.
    #[must_use]
    pub fn shape(self) -> Shape<'a> {
        let is_atomic = self.0.is_atomic;
        match &self.0.node {
            Node::Any => Shape::Any,
            Node::Scalar(scalar) => Shape::Scalar(*scalar),
            Node::List { item, kind } => Shape::List(List { item, kind: *kind }),
            Node::Map { value } => Shape::Map(Map { value, is_atomic }),
            Node::Struct(node) => Shape::Struct(Struct {
                node,
                is_atomic: is_atomic || node.is_atomic,
            }),
        }
    }

    /// How a strategic merge patch changes it.
    #[must_use]
    pub fn patch(self) -> PatchStrategy<'a> {
        self.0.patch
    }

    /// The field of that name, if this is a structure that has one.
    #[must_use]
    pub fn field(self, name: &str) -> Option<Field<'a>> {
        match self.shape() {
            Shape::Struct(structure) => structure.field(name),
            Shape::Any | Shape::Scalar(_) | Shape::List(_) | Shape::Map(_) => None,
        }
    }

    /// What stands below `key`: a structure's field or a map's value.
    #[must_use]
    pub fn member(self, key: &str) -> Option<Schema<'a>> {
        match self.shape() {
            Shape::Struct(structure) => Some(structure.field(key)?.schema()),
            Shape::Map(map) => Some(map.value()),
            Shape::Any | Shape::Scalar(_) | Shape::List(_) => None,
        }
    }

    /// What the items are, if this is a list.
    #[must_use]
    pub fn item(self) -> Option<Schema<'a>> {
        match self.shape() {
            Shape::List(list) => Some(list.item()),
            Shape::Any | Shape::Scalar(_) | Shape::Map(_) | Shape::Struct(_) => None,
        }
    }
}

impl<'a> List<'a> {
    /// What each item is.
    #[must_use]
    pub fn item(self) -> Schema<'a> {
        Schema(self.item)
    }

    /// By what its items are told apart.
    #[must_use]
    pub fn kind(self) -> ListKind<'a> {
        self.kind
    }
}

impl<'a> Map<'a> {
    /// What each value is.
    #[must_use]
    pub fn value(self) -> Schema<'a> {
        Schema(self.value)
    }

    /// Whether it has one owner as a whole.
    #[must_use]
    pub fn is_atomic(self) -> bool {
        self.is_atomic
    }
}

impl<'a> Struct<'a> {
    /// Its full name, as `io.k8s.api.core.v1.PodSpec`.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.node.name
    }

    /// The field of that name.
    #[must_use]
    pub fn field(self, name: &str) -> Option<Field<'a>> {
        let fields = self.node.fields;
        let at = fields.binary_search_by(|field| field.name.cmp(name)).ok()?;
        Some(Field(&fields[at]))
    }

    /// The fields, by name.
    pub fn fields(self) -> impl ExactSizeIterator<Item = Field<'a>> {
        self.node.fields.iter().map(Field)
    }

    /// Whether it has one owner as a whole.
    #[must_use]
    pub fn is_atomic(self) -> bool {
        self.is_atomic
    }
}

impl<'a> Field<'a> {
    /// Its name in JSON.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.0.name
    }

    /// What stands in it.
    #[must_use]
    pub fn schema(self) -> Schema<'a> {
        Schema(&self.0.site)
    }

    /// Whether the API's description calls it required. Kubernetes itself lets its validators say so.
    #[must_use]
    pub fn is_required(self) -> bool {
        self.0.is_required
    }

    /// What it means that the field is absent.
    #[must_use]
    pub fn presence(self) -> Presence {
        self.0.presence
    }

    /// Its tag in protobuf, behind those of the embedded messages that it is inside of.
    #[must_use]
    pub fn tags(self) -> &'a [u32] {
        self.0.tags
    }

    /// Its type as Go's messages name it.
    pub(crate) fn go_type(self) -> String {
        match self.0.go_type {
            "" => go::type_name(self.schema()),
            name => name.to_owned(),
        }
    }
}

impl std::fmt::Debug for Schema<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.shape().fmt(f)
    }
}

impl std::fmt::Debug for List<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} list of {:?}", self.kind, self.item())
    }
}

impl std::fmt::Debug for Map<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "map of {:?}", self.value())
    }
}

impl std::fmt::Debug for Struct<'_> {
    /// The name alone: structures may contain themselves.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {:?}", self.name(), self.schema())
    }
}
