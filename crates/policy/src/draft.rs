//! A document as its grammar has it, before anything is known to make sense.
//!
//! Both validators, of permissions policies and of trust policies, begin here and go on in orders of
//! their own, since AWS answers the first failing stage alone.

use crate::json::{self, Items, Member, Node, NotJson, Span, Value};
use crate::nearest::nearest;
use std::borrow::Cow;

/// Policy text read by its grammar; fields that the grammar does not force are optional.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) version: Option<Text<'a>>,
    /// None, when Statement is missing or empty; the validators refuse that in their own words.
    pub(crate) statements: Vec<DraftStatement<'a>>,
}

#[derive(Debug)]
pub(crate) struct DraftStatement<'a> {
    pub(crate) span: Span,
    pub(crate) sid: Option<Text<'a>>,
    pub(crate) effect: Option<Text<'a>>,
    pub(crate) principal: Option<DraftPrincipal<'a>>,
    pub(crate) action: Option<Listed<'a>>,
    pub(crate) resource: Option<Listed<'a>>,
    pub(crate) conditions: Vec<DraftCondition<'a>>,
}

/// An element that has a `Not…` twin.
#[derive(Debug)]
pub(crate) struct Listed<'a> {
    pub(crate) negated: bool,
    pub(crate) span: Span,
    pub(crate) items: Vec<Text<'a>>,
}

#[derive(Debug)]
pub(crate) struct DraftPrincipal<'a> {
    pub(crate) negated: bool,
    pub(crate) span: Span,
    pub(crate) named: Named<'a>,
}

#[derive(Debug)]
pub(crate) enum Named<'a> {
    /// A bare string.
    Bare(Text<'a>),
    /// Type and name, pair by pair.
    Typed(Vec<(Text<'a>, Text<'a>)>),
}

#[derive(Debug)]
pub(crate) struct DraftCondition<'a> {
    pub(crate) operator: Text<'a>,
    pub(crate) key: Text<'a>,
    pub(crate) span: Span,
    pub(crate) values: Vec<Text<'a>>,
}

/// A string and its place.
#[derive(Debug, Clone)]
pub(crate) struct Text<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) span: Span,
}

impl<'a> Text<'a> {
    fn new(text: &Cow<'a, str>, span: Span) -> Self {
        let text = text.clone();
        Self { text, span }
    }
}

/// Why the grammar does not take a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotADraft {
    NotJson(NotJson),
    /// An element that the grammar does not have.
    Syntax {
        what: String,
        span: Span,
        /// The known word that was perhaps meant.
        nearest: Option<&'static str>,
    },
}

impl<'a> Draft<'a> {
    pub(crate) fn read(text: &'a str) -> Result<Self, NotADraft> {
        let json = json::parse(text).map_err(NotADraft::NotJson)?;
        let Value::Object(members) = json.root().value() else {
            return syntax("a policy is an object", json.root().span());
        };
        let (mut version, mut statements) = (None, None);
        for member in members {
            match &**member.name {
                "Version" => version = Some(string(member.node, "Version")?),
                "Id" => drop(string(member.node, "Id")?),
                "Statement" => statements = Some(read_statements(member.node)?),
                other => return unknown(other, member.name_span, &["Version", "Id", "Statement"]),
            }
        }
        Ok(Self {
            version,
            statements: statements.unwrap_or_default(),
        })
    }
}

fn read_statements<'a>(node: Node<'_, 'a>) -> Result<Vec<DraftStatement<'a>>, NotADraft> {
    match node.value() {
        Value::List(items) => each(items, read_statement),
        Value::Object(_) => Ok(vec![read_statement(node)?]),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {
            syntax("Statement is an object or a list of objects", node.span())
        }
    }
}

const STATEMENT_ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

fn read_statement<'a>(node: Node<'_, 'a>) -> Result<DraftStatement<'a>, NotADraft> {
    let span = node.span();
    let Value::Object(members) = node.value() else {
        return syntax("a statement is an object", span);
    };
    let mut statement = DraftStatement {
        span,
        sid: None,
        effect: None,
        principal: None,
        action: None,
        resource: None,
        conditions: Vec::new(),
    };
    for member in members {
        let at = member.name_span;
        match &**member.name {
            "Sid" => statement.sid = Some(string(member.node, "Sid")?),
            "Effect" => statement.effect = Some(string(member.node, "Effect")?),
            "Principal" => once(&mut statement.principal, principal(member, false)?, at)?,
            "NotPrincipal" => once(&mut statement.principal, principal(member, true)?, at)?,
            "Action" => once(&mut statement.action, listed(member, false)?, at)?,
            "NotAction" => once(&mut statement.action, listed(member, true)?, at)?,
            "Resource" => once(&mut statement.resource, listed(member, false)?, at)?,
            "NotResource" => once(&mut statement.resource, listed(member, true)?, at)?,
            "Condition" => statement.conditions = conditions(member.node)?,
            other => return unknown(other, at, &STATEMENT_ELEMENTS),
        }
    }
    Ok(statement)
}

/// An element and its `Not…` twin exclude each other.
fn once<T>(slot: &mut Option<T>, value: T, at: Span) -> Result<(), NotADraft> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => syntax("an element and its `Not` twin exclude each other", at),
    }
}

fn listed<'a>(member: Member<'_, 'a>, negated: bool) -> Result<Listed<'a>, NotADraft> {
    Ok(Listed {
        negated,
        span: member.span(),
        items: strings(member.node, member.name)?,
    })
}

fn principal<'a>(member: Member<'_, 'a>, negated: bool) -> Result<DraftPrincipal<'a>, NotADraft> {
    let named = match member.node.value() {
        Value::Text(text) => Named::Bare(Text::new(text, member.node.span())),
        Value::Object(types) => {
            let mut pairs = Vec::new();
            for member in types {
                let kind = Text::new(member.name, member.name_span);
                for name in strings(member.node, member.name)? {
                    pairs.push((kind.clone(), name));
                }
            }
            Named::Typed(pairs)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) => {
            return syntax("Principal is `\"*\"` or an object", member.node.span());
        }
    };
    Ok(DraftPrincipal {
        negated,
        span: member.span(),
        named,
    })
}

fn conditions<'a>(node: Node<'_, 'a>) -> Result<Vec<DraftCondition<'a>>, NotADraft> {
    let Value::Object(operators) = node.value() else {
        return syntax("Condition is an object of operators", node.span());
    };
    let mut conditions = Vec::new();
    for operator in operators {
        let Value::Object(keys) = operator.node.value() else {
            return syntax("an operator holds an object of keys", operator.node.span());
        };
        for key in keys {
            conditions.push(DraftCondition {
                operator: Text::new(operator.name, operator.name_span),
                key: Text::new(key.name, key.name_span),
                span: key.span(),
                values: scalars(key.node)?,
            });
        }
    }
    Ok(conditions)
}

/// Condition values: strings, numbers and booleans, the last two as their JSON text.
fn scalars<'a>(node: Node<'_, 'a>) -> Result<Vec<Text<'a>>, NotADraft> {
    match node.value() {
        Value::List(items) => each(items, scalar),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Object(_) => {
            Ok(vec![scalar(node)?])
        }
    }
}

fn scalar<'a>(node: Node<'_, 'a>) -> Result<Text<'a>, NotADraft> {
    let text = match node.value() {
        Value::Text(text) => text.clone(),
        Value::Number(text) => Cow::Borrowed(text),
        Value::Bool(true) => Cow::Borrowed("true"),
        Value::Bool(false) => Cow::Borrowed("false"),
        Value::Null | Value::List(_) | Value::Object(_) => {
            let what = "a condition value is a string, a number or a boolean";
            return syntax(what, node.span());
        }
    };
    let span = node.span();
    Ok(Text { text, span })
}

fn strings<'a>(node: Node<'_, 'a>, element: &str) -> Result<Vec<Text<'a>>, NotADraft> {
    match node.value() {
        Value::List(items) => each(items, |item| string(item, element)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Object(_) => {
            Ok(vec![string(node, element)?])
        }
    }
}

fn string<'a>(node: Node<'_, 'a>, element: &str) -> Result<Text<'a>, NotADraft> {
    match node.value() {
        Value::Text(text) => Ok(Text::new(text, node.span())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Object(_) => {
            let what = format!("`{element}` holds something that is not a string");
            syntax(&what, node.span())
        }
    }
}

/// Reads each item of a list, into a list of the right size.
fn each<'j, 'a, T>(
    items: Items<'j, 'a>,
    read: impl Fn(Node<'j, 'a>) -> Result<T, NotADraft>,
) -> Result<Vec<T>, NotADraft> {
    let mut all = Vec::with_capacity(items.clone().count());
    for item in items {
        all.push(read(item)?);
    }
    Ok(all)
}

fn syntax<T>(what: &str, span: Span) -> Result<T, NotADraft> {
    Err(NotADraft::Syntax {
        what: what.to_owned(),
        span,
        nearest: None,
    })
}

fn unknown<T>(name: &str, span: Span, known: &[&'static str]) -> Result<T, NotADraft> {
    Err(NotADraft::Syntax {
        what: format!("there is no element `{name}` here"),
        span,
        nearest: nearest(name, known.iter().copied()),
    })
}
