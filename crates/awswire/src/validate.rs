//! Holds a value against its shape's constraints, and says all violations in AWS's sentence.
//!
//! The sentence is that of AWS's service framework: `2 validation errors detected: Value 'x' at
//! 'roleName' failed to satisfy constraint: Member must ...; Value null at ...`.

mod constraint;

use std::fmt::Write as _;

use self::constraint::Constraint;
use crate::error::AwsError;
use crate::model::{Kind, Operation, Shape};
use crate::value::Value;

/// Refuses an input that breaks a constraint; every violation is in the one message.
pub(crate) fn check(operation: &Operation, input: &Value) -> Result<(), AwsError> {
    let mut found = Found::default();
    found.structure(operation.input, input, None);
    match found.sentence() {
        None => Ok(()),
        Some(sentence) => {
            let service = operation.service;
            Err(AwsError::new(service.violation_code, 400, sentence))
        }
    }
}

/// What is wrong with `value` as a value of `shape`, one phrase per violation.
pub fn violations(shape: &Shape, value: &Value) -> Vec<String> {
    let mut found = Found::default();
    found.structure(shape, value, None);
    found.schema.into_iter().chain(found.prose).collect()
}

/// The violations met so far. A service that has its own prose for a pattern looks at it only
/// after the framework's constraints hold.
#[derive(Default)]
struct Found {
    schema: Vec<String>,
    prose: Vec<String>,
}

/// Where in the request a value stands; rendered only when something is wrong with it.
#[derive(Clone, Copy)]
enum Place<'p> {
    Member(Option<&'p Place<'p>>, &'p str),
    Item(&'p Place<'p>, usize),
    Entry(&'p Place<'p>, &'p str),
}

impl Found {
    fn sentence(self) -> Option<String> {
        let count = self.schema.len();
        match (count, self.prose.into_iter().next()) {
            (0, prose) => prose,
            (1, _) => Some(format!("1 validation error detected: {}", self.schema[0])),
            (_, _) => Some(format!(
                "{count} validation errors detected: {}",
                self.schema.join("; ")
            )),
        }
    }

    fn structure(&mut self, shape: &Shape, value: &Value, parent: Option<&Place<'_>>) {
        for (index, member) in shape.members().iter().enumerate() {
            let place = Place::Member(parent, member.name);
            match value.member(index) {
                Some(value) => self.value(member.shape, value, &place),
                None if member.required => self.schema.push(format!(
                    "Value null at '{}' failed to satisfy constraint: Member must not be null",
                    place.render()
                )),
                None => {}
            }
        }
    }

    fn value(&mut self, shape: &Shape, value: &Value, place: &Place<'_>) {
        match (&shape.kind, value) {
            (Kind::Structure(_), _) => self.structure(shape, value, Some(place)),
            (Kind::List { item, .. }, Value::List(items)) => {
                self.scalar(shape, value, place);
                self.items(shape, item, items, place);
            }
            (Kind::Map { key, value: inner }, Value::Map(entries)) => {
                self.scalar(shape, value, place);
                self.entries(shape, key, inner, entries, place);
            }
            (_, _) => self.scalar(shape, value, place),
        }
    }

    /// Broken constraints of the value itself: the pattern first, as AWS does.
    fn scalar(&mut self, shape: &Shape, value: &Value, place: &Place<'_>) {
        for broken in Constraint::all(shape).filter(|constraint| !constraint.holds(value)) {
            if let Constraint::Pattern(pattern) = broken
                && let Some(prose) = pattern.prose
            {
                self.prose.push(prose.replace("{}", &place.last_name()));
                continue;
            }
            self.schema
                .push(violation(shape, value, place, &broken.phrase()));
        }
    }

    /// Structures are named one by one; of plain items, the list as a whole is shown.
    fn items(&mut self, list: &Shape, item: &Shape, items: &[Value], place: &Place<'_>) {
        if !item.is_scalar() {
            for (index, value) in items.iter().enumerate() {
                self.value(item, value, &Place::Item(place, index + 1));
            }
            return;
        }
        if items.iter().any(|value| breaks_any(item, value)) {
            let phrase = format!("Member must satisfy constraint: [{}]", phrases(item));
            self.schema.push(violation(
                list,
                &Value::List(items.to_vec()),
                place,
                &phrase,
            ));
        }
    }

    fn entries(
        &mut self,
        map: &Shape,
        key: &Shape,
        inner: &Shape,
        entries: &[(String, Value)],
        place: &Place<'_>,
    ) {
        let whole = || Value::Map(entries.to_vec());
        if entries
            .iter()
            .any(|(k, _)| breaks_any(key, &Value::String(k.clone())))
        {
            let phrase = format!("Map keys must satisfy constraint: [{}]", phrases(key));
            self.schema.push(violation(map, &whole(), place, &phrase));
        }
        if !inner.is_scalar() {
            for (key, value) in entries {
                self.value(inner, value, &Place::Entry(place, key));
            }
        } else if entries.iter().any(|(_, value)| breaks_any(inner, value)) {
            let phrase = format!("Map value must satisfy constraint: [{}]", phrases(inner));
            self.schema.push(violation(map, &whole(), place, &phrase));
        }
    }
}

fn breaks_any(shape: &Shape, value: &Value) -> bool {
    Constraint::all(shape).any(|constraint| !constraint.holds(value))
}

/// The phrases of every constraint of an inner shape, in the order that AWS lists them there.
fn phrases(shape: &Shape) -> String {
    let mut constraints: Vec<Constraint> = Constraint::all(shape).collect();
    constraints.sort_by_key(|constraint| match constraint {
        Constraint::LengthMax(_) | Constraint::ValueMax(_) => 0,
        Constraint::LengthMin(_) | Constraint::ValueMin(_) => 1,
        Constraint::Pattern(_) | Constraint::OneOf(_) => 2,
    });
    constraints
        .iter()
        .map(Constraint::phrase)
        .collect::<Vec<_>>()
        .join(", ")
}

fn violation(shape: &Shape, value: &Value, place: &Place<'_>, phrase: &str) -> String {
    let mut out = String::from("Value ");
    if !shape.sensitive {
        out.push('\'');
        show(shape, value, &mut out);
        out.push_str("' ");
    }
    let _ = write!(
        out,
        "at '{}' failed to satisfy constraint: {phrase}",
        place.render()
    );
    out
}

/// Shows a value as AWS's framework does: lists in brackets, structures with their names.
fn show(shape: &Shape, value: &Value, out: &mut String) {
    match (&shape.kind, value) {
        (Kind::List { item, .. }, Value::List(items)) => {
            listed(out, ('[', ']'), items, |value, out| show(item, value, out));
        }
        (Kind::Map { value: inner, .. }, Value::Map(entries)) => {
            listed(out, ('{', '}'), entries, |(key, value), out| {
                let _ = write!(out, "{key}=");
                show(inner, value, out);
            });
        }
        (Kind::Structure(members), Value::Structure(present)) => {
            out.push_str(shape.name);
            listed(out, ('(', ')'), present, |(index, value), out| {
                let Some(member) = members.get(*index) else {
                    return;
                };
                let _ = write!(out, "{}=", lower_first(member.name));
                show(member.shape, value, out);
            });
        }
        (_, Value::String(text)) => out.push_str(text),
        (_, Value::Integer(number)) => drop(write!(out, "{number}")),
        (_, Value::Double(number)) => drop(write!(out, "{number}")),
        (_, Value::Boolean(boolean)) => drop(write!(out, "{boolean}")),
        (_, Value::Timestamp(at)) => drop(write!(out, "{at}")),
        (_, Value::Secret(_)) => out.push_str("***"),
        (_, _) => {}
    }
}

fn listed<T>(
    out: &mut String,
    (open, close): (char, char),
    items: &[T],
    mut each: impl FnMut(&T, &mut String),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        each(item, out);
    }
    out.push(close);
}

impl Place<'_> {
    /// `tags.1.member.key`
    fn render(&self) -> String {
        match self {
            Self::Member(None, name) => lower_first(name),
            Self::Member(Some(parent), name) => {
                format!("{}.{}", parent.render(), lower_first(name))
            }
            Self::Item(parent, index) => format!("{}.{index}.member", parent.render()),
            Self::Entry(parent, key) => format!("{}.{key}.member", parent.render()),
        }
    }

    fn last_name(&self) -> String {
        match self {
            Self::Member(_, name) => lower_first(name),
            Self::Item(parent, _) | Self::Entry(parent, _) => parent.last_name(),
        }
    }
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or(String::new(), |first| {
        first.to_ascii_lowercase().to_string() + chars.as_str()
    })
}
