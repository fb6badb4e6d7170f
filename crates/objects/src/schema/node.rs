//! The tables behind the views. The build script writes values of these types.

/// What a value may be, and how it is changed, at one place.
pub(crate) struct Site<'a> {
    pub(crate) node: Node<'a>,
    pub(crate) is_atomic: bool,
    pub(crate) patch: PatchStrategy<'a>,
}

/// The form of a value.
pub(crate) enum Node<'a> {
    Any,
    Scalar(Scalar),
    List {
        item: &'a Site<'a>,
        kind: ListKind<'a>,
    },
    Map {
        value: &'a Site<'a>,
    },
    Struct(&'a StructNode<'a>),
}

/// One definition.
pub(crate) struct StructNode<'a> {
    pub(crate) name: &'a str,
    pub(crate) is_atomic: bool,
    /// Sorted by name.
    pub(crate) fields: &'a [FieldNode<'a>],
}

/// One field of a definition.
pub(crate) struct FieldNode<'a> {
    pub(crate) name: &'a str,
    pub(crate) is_required: bool,
    pub(crate) site: Site<'a>,
    /// Where it stands in protobuf: its tag, behind those of the messages that Go embeds. A field
    /// that has no place there has the tag 0.
    pub(crate) tags: &'a [u32],
    pub(crate) presence: Presence,
    /// The name of its type in Go, where that is not the plain one.
    pub(crate) go_type: &'a str,
}

/// One kind and its definition.
pub(crate) struct KindNode<'a> {
    pub(crate) group: &'a str,
    pub(crate) version: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) site: Site<'a>,
}

/// What an absent value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Something else than zero: it is a pointer in Go.
    Pointer,
    /// Zero, and JSON leaves zero out.
    NonZero,
    /// Zero, and JSON writes it all the same: `""`, `0`, `{}`.
    Always,
}

/// A value without parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// true or false.
    Bool,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// A number.
    Double,
    /// Text.
    String,
    /// Bytes; base64 in JSON.
    Bytes,
    /// Seconds precisely, as `2026-01-31T12:00:00Z`.
    Time,
    /// The same with microseconds.
    MicroTime,
    /// An amount with a unit, as `100m`; JSON may give a number, too.
    Quantity,
    /// A number or text, as a port or a percentage.
    IntOrString,
}

/// How the items of a list are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind<'a> {
    /// Not at all: the list has one owner as a whole.
    Atomic,
    /// By their value.
    Set,
    /// By the fields of these names.
    Map(&'a [&'a str]),
}

/// How a strategic merge patch changes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatchStrategy<'a> {
    /// Whether the patch is merged in, or put in its place.
    pub action: PatchAction,
    /// Whether the patch may list all keys that are to stay (`$retainKeys`).
    pub retains_keys: bool,
    /// The field by which items of a list find their counterparts.
    pub merge_key: Option<&'a str>,
}

/// Merged, or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatchAction {
    /// Structures and maps are merged, lists and scalars are replaced.
    Ordinary,
    /// A list is merged, too.
    Merge,
    /// Replaced, whatever it is.
    Replace,
}

impl PatchStrategy<'_> {
    /// Where nothing else is said.
    pub const ORDINARY: PatchStrategy<'static> = PatchStrategy {
        action: PatchAction::Ordinary,
        retains_keys: false,
        merge_key: None,
    };
}
