//! An XML answer as a tree of elements: names without namespace, text, children.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::limits::DEPTH_MAX;

/// One element.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// Its name, without prefix.
    name: String,
    /// Its text, the children's not included.
    pub(crate) text: String,
    children: Vec<Element>,
}

impl Element {
    /// Reads a document. Entities beyond XML's own five and document types are refused.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Element, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
        let mut reader = Reader::from_str(text);
        let mut open = vec![Element::default()];
        loop {
            match reader.read_event().map_err(|problem| problem.to_string())? {
                Event::Start(start) => {
                    if open.len() > DEPTH_MAX {
                        return Err(format!("nested deeper than {DEPTH_MAX}"));
                    }
                    open.push(Element::named(start.local_name().as_ref()));
                }
                Event::Empty(start) => {
                    let element = Element::named(start.local_name().as_ref());
                    attach(&mut open, element);
                }
                Event::End(_) => {
                    let Some(element) = open.pop() else {
                        return Err("unbalanced".to_owned());
                    };
                    attach(&mut open, element);
                }
                Event::Text(text) => append(&mut open, &text),
                Event::CData(data) => append(&mut open, &data),
                Event::GeneralRef(reference) => append(&mut open, &resolve(&reference)?),
                Event::DocType(_) => return Err("a document type".to_owned()),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => break,
            }
        }
        root(open)
    }

    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children of that name.
    pub(crate) fn children_named<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

fn attach(open: &mut [Element], element: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(element);
    }
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn resolve(name: &str) -> Result<String, String> {
    let code = match name {
        "lt" => return Ok("<".to_owned()),
        "gt" => return Ok(">".to_owned()),
        "amp" => return Ok("&".to_owned()),
        "quot" => return Ok("\"".to_owned()),
        "apos" => return Ok("'".to_owned()),
        _ => name
            .strip_prefix('#')
            .map(|digits| match digits.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => digits.parse(),
            }),
    };
    let character = code.and_then(Result::ok).and_then(char::from_u32);
    character
        .map(String::from)
        .ok_or_else(|| format!("unknown entity `{name}`"))
}

/// The document's one element: everything else must be closed.
fn root(mut open: Vec<Element>) -> Result<Element, String> {
    match (open.pop(), open.is_empty()) {
        (Some(mut document), true) => document.children.pop().ok_or("no element".to_owned()),
        _ => Err("an element is not closed".to_owned()),
    }
}
