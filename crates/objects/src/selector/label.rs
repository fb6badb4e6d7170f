//! Selectors on labels: `app=web,tier in (a, b),!canary`.

use super::lexer::{Lexer, Sort, Token};
use super::{NotASelector, TEXT_MAX};
use crate::field_path::FieldPath;
use crate::spelling;
use crate::status::FieldError;
use serde_json::{Map, Value, json};
use std::fmt;
use std::str::FromStr;

/// What the labels of an object must be like; without requirements it takes every object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelSelector {
    /// Sorted by key.
    requirements: Vec<LabelRequirement>,
}

/// One requirement of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRequirement {
    key: Box<str>,
    operator: LabelOperator,
    /// Sorted, each once.
    values: Vec<Box<str>>,
}

/// How a label is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LabelOperator {
    /// `key=value`
    Equals,
    /// `key==value`
    DoubleEquals,
    /// `key in (a,b)`
    In,
    /// `key!=value`
    NotEquals,
    /// `key notin (a,b)`
    NotIn,
    /// `key`
    Exists,
    /// `!key`
    DoesNotExist,
    /// `key>1`
    Greater,
    /// `key<1`
    Less,
}

/// The operators that `found '…', expected: …` lists.
const BINARY_OPERATORS: &str = "in, notin, =, ==, !=, gt, lt";

impl LabelSelector {
    /// The selector of an object's `matchLabels` and `matchExpressions`.
    ///
    /// `{}` takes every object. What an absent selector takes is for the caller to say: mostly none.
    pub fn from_object(selector: &Value) -> Result<Self, NotASelector> {
        let labels = selector["matchLabels"].as_object().into_iter().flatten();
        let expressions = selector["matchExpressions"]
            .as_array()
            .into_iter()
            .flatten();
        let equals = labels.map(|(key, value)| {
            LabelRequirement::new(
                key,
                LabelOperator::Equals,
                [value.as_str().unwrap_or_default()],
            )
        });
        let requirements = equals.chain(expressions.map(LabelRequirement::from_object));
        Ok(Self::of(requirements.collect::<Result<_, _>>()?))
    }

    /// Exactly these labels, and perhaps others.
    #[must_use]
    pub fn of_labels(labels: &Map<String, Value>) -> Self {
        let requirements = labels.iter().map(|(key, value)| LabelRequirement {
            key: key.as_str().into(),
            operator: LabelOperator::Equals,
            values: vec![value.as_str().unwrap_or_default().into()],
        });
        Self::of(requirements.collect())
    }

    /// Whether an object with these labels is meant. Allocates nothing.
    #[must_use]
    pub fn matches(&self, labels: Option<&Map<String, Value>>) -> bool {
        let value_of = |key: &str| labels?.get(key)?.as_str();
        self.requirements
            .iter()
            .all(|requirement| requirement.matches(value_of(&requirement.key)))
    }

    /// Whether it takes every object.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// What it asks for, sorted by key.
    #[must_use]
    pub fn requirements(&self) -> &[LabelRequirement] {
        &self.requirements
    }

    fn of(mut requirements: Vec<LabelRequirement>) -> Self {
        requirements.sort_by(|one, other| one.key.cmp(&other.key));
        Self { requirements }
    }
}

impl LabelRequirement {
    /// A requirement; its key and values must be spelt as labels are.
    pub fn new<'v>(
        key: &str,
        operator: LabelOperator,
        values: impl IntoIterator<Item = &'v str>,
    ) -> Result<Self, NotASelector> {
        let mut values: Vec<Box<str>> = values.into_iter().map(Into::into).collect();
        values.sort_unstable();
        values.dedup();
        let requirement = Self {
            key: key.into(),
            operator,
            values,
        };
        match requirement.errors().as_slice() {
            [] => Ok(requirement),
            [only] => Err(NotASelector(only.to_string())),
            several => {
                let texts: Vec<_> = several.iter().map(ToString::to_string).collect();
                Err(NotASelector(format!("[{}]", texts.join(", "))))
            }
        }
    }

    /// The label that is looked at.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// How it is compared.
    #[must_use]
    pub fn operator(&self) -> LabelOperator {
        self.operator
    }

    /// With what; sorted.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &str> {
        self.values.iter().map(AsRef::as_ref)
    }

    fn from_object(expression: &Value) -> Result<Self, NotASelector> {
        let operator = match expression["operator"].as_str().unwrap_or_default() {
            "In" => LabelOperator::In,
            "NotIn" => LabelOperator::NotIn,
            "Exists" => LabelOperator::Exists,
            "DoesNotExist" => LabelOperator::DoesNotExist,
            other => {
                let complaint = format!("{other:?} is not a valid label selector operator");
                return Err(NotASelector(complaint));
            }
        };
        let values = expression["values"].as_array().into_iter().flatten();
        let key = expression["key"].as_str().unwrap_or_default();
        Self::new(
            key,
            operator,
            values.map(|value| value.as_str().unwrap_or_default()),
        )
    }

    fn matches(&self, label: Option<&str>) -> bool {
        let is_listed = |label: &str| {
            self.values
                .binary_search_by(|value| value.as_ref().cmp(label))
                .is_ok()
        };
        let compare = |label: &str| {
            let wanted = self.values.first()?.parse::<i64>().ok()?;
            Some(label.parse::<i64>().ok()?.cmp(&wanted))
        };
        match self.operator {
            LabelOperator::Equals | LabelOperator::DoubleEquals | LabelOperator::In => {
                label.is_some_and(is_listed)
            }
            LabelOperator::NotEquals | LabelOperator::NotIn => !label.is_some_and(is_listed),
            LabelOperator::Exists => label.is_some(),
            LabelOperator::DoesNotExist => label.is_none(),
            LabelOperator::Greater => label.and_then(compare).is_some_and(|order| order.is_gt()),
            LabelOperator::Less => label.and_then(compare).is_some_and(|order| order.is_lt()),
        }
    }

    fn errors(&self) -> Vec<FieldError> {
        let of_key = misspelt("key", &self.key, &spelling::qualified_name(&self.key));
        let path = FieldPath::root("values");
        let of_values = self.values.iter().enumerate().filter_map(|(index, value)| {
            let item = path.index(index);
            misspelt(item.key(&self.key), value, &spelling::label_value(value))
        });
        let of_count = self
            .count_complaint()
            .map(|complaint| FieldError::invalid(path, json!(self.values), complaint));
        let not_number = self.values.iter().enumerate().filter_map(|(index, value)| {
            let is_ordered = matches!(self.operator, LabelOperator::Greater | LabelOperator::Less);
            (is_ordered && value.parse::<i64>().is_err()).then(|| {
                let complaint = "for 'Gt', 'Lt' operators, the value must be an integer";
                FieldError::invalid(path.index(index), json!(value), complaint)
            })
        });
        of_key
            .into_iter()
            .chain(of_count)
            .chain(not_number)
            .chain(of_values)
            .collect()
    }

    fn count_complaint(&self) -> Option<&'static str> {
        let count = self.values.len();
        match self.operator {
            LabelOperator::In | LabelOperator::NotIn => {
                (count == 0).then_some("for 'in', 'notin' operators, values set can't be empty")
            }
            LabelOperator::Equals | LabelOperator::DoubleEquals | LabelOperator::NotEquals => {
                (count != 1).then_some("exact-match compatibility requires one single value")
            }
            LabelOperator::Exists | LabelOperator::DoesNotExist => {
                (count != 0).then_some("values set must be empty for exists and does not exist")
            }
            LabelOperator::Greater | LabelOperator::Less => {
                (count != 1).then_some("for 'Gt', 'Lt' operators, exactly one value is required")
            }
        }
    }
}

fn misspelt(path: impl Into<String>, text: &str, complaints: &[String]) -> Option<FieldError> {
    (!complaints.is_empty()).then(|| FieldError::invalid(path, text, complaints.join("; ")))
}

impl FromStr for LabelSelector {
    type Err = NotASelector;

    fn from_str(text: &str) -> Result<Self, NotASelector> {
        if text.len() > TEXT_MAX {
            return Err(NotASelector(format!(
                "selector has more than {TEXT_MAX} bytes"
            )));
        }
        let mut lexer = Lexer::new(text);
        let mut requirements = Vec::new();
        loop {
            let ahead = lexer.peek();
            if ahead.sort == Sort::End {
                break;
            }
            if !matches!(ahead.sort, Sort::Word | Sort::Not) {
                let expected = ", expected: !, identifier, or 'end of string'";
                return Err(unexpected(ahead, expected));
            }
            let requirement = requirement(&mut lexer).map_err(|NotASelector(complaint)| {
                NotASelector(format!("unable to parse requirement: {complaint}"))
            });
            requirements.push(requirement?);
            let token = lexer.word();
            match (token.sort, lexer.peek()) {
                (Sort::End, _) => break,
                (
                    Sort::Comma,
                    Token {
                        sort: Sort::Word | Sort::Not,
                        ..
                    },
                ) => {}
                (Sort::Comma, ahead) => {
                    return Err(unexpected(ahead, ", expected: identifier after ','"));
                }
                _ => return Err(unexpected(token, ", expected: ',' or 'end of string'")),
            }
        }
        Ok(Self::of(requirements))
    }
}

fn requirement(lexer: &mut Lexer<'_>) -> Result<LabelRequirement, NotASelector> {
    let mut token = lexer.word();
    let is_negated = token.sort == Sort::Not;
    if is_negated {
        token = lexer.word();
    }
    if token.sort != Sort::Word {
        return Err(unexpected(token, ", expected: identifier"));
    }
    let key = token.text;
    if let Some(error) = misspelt("<nil>", key, &spelling::qualified_name(key)) {
        return Err(NotASelector(error.to_string()));
    }
    if is_negated {
        return LabelRequirement::new(key, LabelOperator::DoesNotExist, []);
    }
    if matches!(lexer.peek().sort, Sort::End | Sort::Comma) {
        return LabelRequirement::new(key, LabelOperator::Exists, []);
    }
    let operator = operator(lexer)?;
    if matches!(operator, LabelOperator::In | LabelOperator::NotIn) {
        return LabelRequirement::new(key, operator, listed_values(lexer)?);
    }
    LabelRequirement::new(key, operator, [exact_value(lexer)?])
}

fn operator(lexer: &mut Lexer<'_>) -> Result<LabelOperator, NotASelector> {
    let token = lexer.operator();
    match token.sort {
        Sort::In => Ok(LabelOperator::In),
        Sort::NotIn => Ok(LabelOperator::NotIn),
        Sort::Equals => Ok(LabelOperator::Equals),
        Sort::DoubleEquals => Ok(LabelOperator::DoubleEquals),
        Sort::NotEquals => Ok(LabelOperator::NotEquals),
        Sort::Greater => Ok(LabelOperator::Greater),
        Sort::Less => Ok(LabelOperator::Less),
        Sort::End | Sort::Word | Sort::Not | Sort::Open | Sort::Close | Sort::Comma => Err(
            unexpected(token, &format!(", expected: {BINARY_OPERATORS}")),
        ),
    }
}

fn exact_value<'t>(lexer: &mut Lexer<'t>) -> Result<&'t str, NotASelector> {
    if matches!(lexer.peek().sort, Sort::End | Sort::Comma) {
        return Ok("");
    }
    let token = lexer.word();
    if token.sort == Sort::Word {
        return Ok(token.text);
    }
    Err(unexpected(token, ", expected: identifier"))
}

/// `(a, b)`; a missing word between commas is the empty value.
fn listed_values<'t>(lexer: &mut Lexer<'t>) -> Result<Vec<&'t str>, NotASelector> {
    let open = lexer.word();
    if open.sort != Sort::Open {
        return Err(unexpected(open, " expected: '('"));
    }
    match lexer.peek() {
        Token {
            sort: Sort::Word | Sort::Comma,
            ..
        } => {}
        Token {
            sort: Sort::Close, ..
        } => {
            lexer.word();
            return Ok(vec![""]);
        }
        other => return Err(unexpected(other, ", expected: ',', ')' or identifier")),
    }
    let mut values = Vec::new();
    loop {
        let token = lexer.word();
        if token.sort == Sort::Word {
            values.push(token.text);
            match lexer.peek() {
                Token {
                    sort: Sort::Comma, ..
                } => continue,
                Token {
                    sort: Sort::Close, ..
                } => break,
                other => return Err(unexpected(other, ", expected: ',' or ')'")),
            }
        }
        if token.sort != Sort::Comma {
            return Err(unexpected(token, ", expected: ',', or identifier"));
        }
        if values.is_empty() {
            values.push("");
        }
        let ahead = lexer.peek().sort;
        if matches!(ahead, Sort::Close | Sort::Comma) {
            values.push("");
        }
        if ahead == Sort::Close {
            break;
        }
        if ahead == Sort::Comma {
            lexer.word();
        }
    }
    lexer.word();
    Ok(values)
}

fn unexpected(token: Token<'_>, expected: &str) -> NotASelector {
    NotASelector(format!("found '{}'{expected}", token.text))
}

impl fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{requirement}")?;
        }
        Ok(())
    }
}

impl fmt::Display for LabelRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, values) = (&self.key, self.values.join(","));
        match self.operator {
            LabelOperator::Equals => write!(f, "{key}={values}"),
            LabelOperator::DoubleEquals => write!(f, "{key}=={values}"),
            LabelOperator::NotEquals => write!(f, "{key}!={values}"),
            LabelOperator::In => write!(f, "{key} in ({values})"),
            LabelOperator::NotIn => write!(f, "{key} notin ({values})"),
            LabelOperator::Exists => write!(f, "{key}"),
            LabelOperator::DoesNotExist => write!(f, "!{key}"),
            LabelOperator::Greater => write!(f, "{key}>{values}"),
            LabelOperator::Less => write!(f, "{key}<{values}"),
        }
    }
}

#[cfg(test)]
mod tests;
