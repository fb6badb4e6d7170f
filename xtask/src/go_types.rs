//! Reads the structures of a Go program from the type descriptors that Go leaves in it.
//!
//! They hold each field's name, type and struct tag: what `json:"..."` and `protobuf:"..."` say, and
//! whether the field is a pointer or an embedded structure. Layout: Go's `internal/abi`, for ELF of
//! 64 bits that is not relocated.

use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a type before what is special to its kind.
const TYPE_BYTES: u64 = 48;

/// A structure's fields, in their order.
pub(crate) type Fields = Vec<GoField>;

/// One field of a structure.
#[derive(Debug, Clone)]
pub(crate) struct GoField {
    /// Its tag, as `json:"name,omitempty" protobuf:"bytes,1,opt,name=name"`.
    pub(crate) tag: String,
    /// Whether the structure behind it is embedded.
    pub(crate) is_embedded: bool,
    /// What it is.
    pub(crate) of: GoType,
}

/// A type, as far as it matters here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum GoType {
    /// A pointer to another.
    Pointer(Box<GoType>),
    /// A list or a map.
    Collection,
    /// A structure, as `k8s.io/api/core/v1.Pod`.
    Struct(String),
    /// Anything else; with its name where it has one in a package.
    Scalar(Option<String>),
}

/// The structures of a program, by package path and name.
pub(crate) fn structures(program: &[u8]) -> Result<BTreeMap<String, Fields>, String> {
    let program = Program::open(program).ok_or("not a Go program for 64-bit Linux")?;
    program
        .structures()
        .ok_or_else(|| "the type descriptors are not as Go 1.26 writes them".into())
}

/// A program and where its sections stand.
struct Program<'p> {
    bytes: &'p [u8],
    sections: Vec<Section>,
    /// Where the types begin; offsets of types and names count from here.
    types: u64,
}

struct Section {
    name: String,
    address: u64,
    offset: u64,
    length: u64,
}

/// `reflect`'s kinds that we tell apart.
const ARRAY: u8 = 17;
const MAP: u8 = 21;
const POINTER: u8 = 22;
const SLICE: u8 = 23;
const STRUCT: u8 = 25;

impl<'p> Program<'p> {
    fn open(bytes: &'p [u8]) -> Option<Self> {
        let sections = sections(bytes)?;
        let types = sections.iter().find(|section| section.name == ".rodata")?;
        let types = types.address;
        Some(Self {
            bytes,
            sections,
            types,
        })
    }

    fn structures(&self) -> Option<BTreeMap<String, Fields>> {
        let links = self.sections.iter().find(|s| s.name == ".typelink")?;
        let mut open: Vec<u64> = (0..links.length / 4)
            .map(|i| Some(self.types + u64::from(self.u32(links.address + 4 * i)?)))
            .collect::<Option<_>>()?;
        let mut seen = BTreeSet::new();
        let mut found = BTreeMap::new();
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            match self.kind(at)? {
                ARRAY | POINTER | SLICE => open.push(self.u64(at + TYPE_BYTES)?),
                MAP => open.extend([self.u64(at + TYPE_BYTES)?, self.u64(at + TYPE_BYTES + 8)?]),
                STRUCT => {
                    for field in self.fields(at)? {
                        open.push(self.u64(field + 8)?);
                    }
                    if let Some(name) = self.full_name(at) {
                        found.insert(name, self.described(at)?);
                    }
                }
                _ => {}
            }
        }
        Some(found)
    }

    /// Where the fields of a structure are described: name, type and offset each.
    fn fields(&self, at: u64) -> Option<Vec<u64>> {
        let first = self.u64(at + TYPE_BYTES + 8)?;
        let count = self.u64(at + TYPE_BYTES + 16)?;
        Some((0..count).map(|i| first + 24 * i).collect())
    }

    fn described(&self, at: u64) -> Option<Fields> {
        let fields = self.fields(at)?.into_iter();
        fields
            .map(|field| {
                let (flags, _, tag) = self.name(self.u64(field)?)?;
                Some(GoField {
                    tag,
                    is_embedded: flags & 8 != 0,
                    of: self.type_at(self.u64(field + 8)?)?,
                })
            })
            .collect()
    }

    fn type_at(&self, at: u64) -> Option<GoType> {
        Some(match self.kind(at)? {
            POINTER => GoType::Pointer(Box::new(self.type_at(self.u64(at + TYPE_BYTES)?)?)),
            ARRAY | MAP | SLICE => GoType::Collection,
            STRUCT => GoType::Struct(self.full_name(at).unwrap_or_default()),
            _ => GoType::Scalar(self.full_name(at)),
        })
    }

    fn kind(&self, at: u64) -> Option<u8> {
        Some(self.at(at + 23, 1)?[0] & 31)
    }

    /// Package path and name, of types that have both.
    fn full_name(&self, at: u64) -> Option<String> {
        let flags = self.at(at + 20, 1)?[0];
        let special = match self.kind(at)? {
            STRUCT => 32,
            POINTER | SLICE => 8,
            ARRAY | MAP => return None,
            _ => 0,
        };
        if flags & 1 == 0 {
            return None;
        }
        let package = self
            .u32(at + TYPE_BYTES + special)
            .filter(|offset| *offset != 0)?;
        let (_, package, _) = self.name(self.types + u64::from(package))?;
        let (_, name, _) = self.name(self.types + u64::from(self.u32(at + 40)?))?;
        let name = name.rsplit('.').next()?.to_owned();
        Some(format!("{package}.{name}"))
    }

    /// Flags, text and struct tag of a name.
    fn name(&self, at: u64) -> Option<(u8, String, String)> {
        let flags = self.at(at, 1)?[0];
        let (text, end) = self.counted(at + 1)?;
        let tag = if flags & 2 == 0 {
            String::new()
        } else {
            self.counted(end)?.0
        };
        Some((flags, text, tag))
    }

    /// Text behind its length, and where it ends.
    fn counted(&self, mut at: u64) -> Option<(String, u64)> {
        let (mut length, mut shift) = (0u64, 0);
        loop {
            let byte = self.at(at, 1)?[0];
            at += 1;
            length |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 || shift > 28 {
                break;
            }
        }
        let text = self.at(at, length)?;
        Some((String::from_utf8_lossy(text).into_owned(), at + length))
    }

    fn u64(&self, at: u64) -> Option<u64> {
        Some(u64::from_le_bytes(self.at(at, 8)?.try_into().ok()?))
    }

    fn u32(&self, at: u64) -> Option<u32> {
        Some(u32::from_le_bytes(self.at(at, 4)?.try_into().ok()?))
    }

    /// The bytes at an address of the running program.
    fn at(&self, address: u64, length: u64) -> Option<&'p [u8]> {
        let section = self.sections.iter().find(|section| {
            section.address <= address && address < section.address + section.length
        })?;
        slice(
            self.bytes,
            section.offset + address - section.address,
            length,
        )
    }
}

/// The sections that are loaded as they stand in the file.
fn sections(bytes: &[u8]) -> Option<Vec<Section>> {
    const LOADED: u64 = 1;
    let word = |at: u64, length: u64| {
        let mut word = [0; 8];
        let taken = slice(bytes, at, length)?;
        word[..taken.len()].copy_from_slice(taken);
        Some(u64::from_le_bytes(word))
    };
    if slice(bytes, 0, 5)? != b"\x7fELF\x02" {
        return None;
    }
    let (table, count, names) = (word(0x28, 8)?, word(0x3c, 2)?, word(0x3e, 2)?);
    let names = word(table + 64 * names + 24, 8)?;
    let mut sections = Vec::new();
    for header in (0..count).map(|i| table + 64 * i) {
        if word(header + 4, 4)? != LOADED {
            continue;
        }
        let name = bytes.get(usize::try_from(names + word(header, 4)?).ok()?..)?;
        let name = name.split(|byte| *byte == 0).next()?;
        sections.push(Section {
            name: String::from_utf8_lossy(name).into_owned(),
            address: word(header + 16, 8)?,
            offset: word(header + 24, 8)?,
            length: word(header + 32, 8)?,
        });
    }
    Some(sections)
}

fn slice(bytes: &[u8], at: u64, length: u64) -> Option<&[u8]> {
    let at = usize::try_from(at).ok()?;
    bytes.get(at..at.checked_add(usize::try_from(length).ok()?)?)
}
