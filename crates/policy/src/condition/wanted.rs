//! Condition values, made ready for their operator, and compared with the request's.

use super::{Base, Family, Operator};
use crate::arn_pattern::ArnPattern;
use crate::context::RequestContext;
use crate::variable::{Template, has_marks, plain};
use crate::{glob, number};
use ipnet::IpNet;
use std::net::IpAddr;

/// A condition value as its operator wants it. `None` inside: the text is not of that kind, so nothing
/// is like it or unlike it.
#[derive(Debug, Clone)]
pub(crate) enum Wanted {
    Text(Template),
    Number(Option<Box<str>>),
    /// Nanoseconds since 1970.
    Instant(Option<i128>),
    Bool(Template),
    /// In base64, which writes the same bytes in one way alone.
    Bytes(Option<Box<str>>),
    Network(Option<IpNet>),
    Arn(ArnTemplate),
    /// Whether the key must be absent.
    Absence(Option<bool>),
}

/// An ARN pattern that is ready, or that waits for its variables.
#[derive(Debug, Clone)]
pub(crate) enum ArnTemplate {
    Ready(Option<ArnPattern>),
    Variable(Template),
}

/// How a request's value stands to a policy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Like,
    Unlike,
    /// One of the two is not of the operator's kind.
    Neither,
}

impl From<bool> for Outcome {
    fn from(like: bool) -> Self {
        if like { Self::Like } else { Self::Unlike }
    }
}

impl Wanted {
    pub(crate) fn new(base: Base, text: &str, variables: bool) -> Self {
        let template = || Template::new(text, variables && base.takes_variables());
        match base {
            Base::Text { .. } => Self::Text(template()),
            Base::Numeric(_) => Self::Number(number::Decimal::parse(text).map(|_| text.into())),
            Base::Date(_) => Self::Instant(number::instant(text)),
            Base::Bool => Self::Bool(template()),
            Base::Binary => {
                let bytes = data_encoding::BASE64.decode(text.as_bytes());
                Self::Bytes(bytes.is_ok().then(|| text.into()))
            }
            Base::IpAddress { .. } => Self::Network(network(text)),
            Base::Arn { .. } => Self::Arn(match template() {
                Template::Plain(text) if has_marks(&text) => ArnTemplate::Ready(None),
                Template::Plain(text) => ArnTemplate::Ready(ArnPattern::six(&text)),
                template @ (Template::Pieces(_) | Template::Malformed) => {
                    ArnTemplate::Variable(template)
                }
            }),
            Base::Null => Self::Absence(truth(text)),
        }
    }

    /// Whether the text was of the operator's kind.
    pub(crate) fn is_usable(&self) -> bool {
        match self {
            Self::Text(_) | Self::Bool(_) => true,
            Self::Number(number) => number.is_some(),
            Self::Instant(instant) => instant.is_some(),
            Self::Bytes(bytes) => bytes.is_some(),
            Self::Network(network) => network.is_some(),
            Self::Arn(ArnTemplate::Ready(pattern)) => pattern.is_some(),
            Self::Arn(ArnTemplate::Variable(_)) => true,
            Self::Absence(absence) => absence.is_some(),
        }
    }

    pub(crate) fn compare(
        &self,
        operator: &Operator,
        value: &str,
        context: &RequestContext,
    ) -> Outcome {
        self.compared(operator.base, value, context)
            .unwrap_or(Outcome::Neither)
    }

    fn compared(&self, base: Base, value: &str, context: &RequestContext) -> Option<Outcome> {
        Some(match (self, base) {
            (Self::Text(template), Base::Text { family, .. }) => {
                texts(template, family, value, context)
            }
            (Self::Number(wanted), Base::Numeric(comparison)) => {
                let wanted = number::Decimal::parse(wanted.as_deref()?)?;
                comparison
                    .likes(number::Decimal::parse(value)?.compare(&wanted))
                    .into()
            }
            (Self::Instant(wanted), Base::Date(comparison)) => comparison
                .likes(number::instant(value)?.cmp(&(*wanted)?))
                .into(),
            (Self::Bool(template), Base::Bool) => {
                let wanted = match template {
                    Template::Plain(text) => truth(text)?,
                    Template::Pieces(_) | Template::Malformed => {
                        truth(&plain(&template.expand(context)?))?
                    }
                };
                (truth(value)? == wanted).into()
            }
            (Self::Bytes(wanted), Base::Binary) => (wanted.as_deref()? == value).into(),
            (Self::Network(wanted), Base::IpAddress { .. }) => {
                let wanted = wanted.as_ref()?;
                wanted
                    .contains(&value.parse::<IpAddr>().ok()?.to_canonical())
                    .into()
            }
            (Self::Arn(wanted), Base::Arn { .. }) => arns(wanted, value, context)?,
            _ => return None,
        })
    }
}

fn texts(template: &Template, family: Family, value: &str, context: &RequestContext) -> Outcome {
    if let Template::Plain(wanted) = template {
        return match family {
            Family::Equals => **wanted == *value,
            Family::EqualsIgnoreCase => wanted.eq_ignore_ascii_case(value),
            Family::Like => glob::fits(wanted, value),
        }
        .into();
    }
    // What cannot be resolved is like nothing.
    let Some(wanted) = template.expand(context) else {
        return Outcome::Unlike;
    };
    match family {
        Family::Equals => plain(&wanted) == value,
        Family::EqualsIgnoreCase => plain(&wanted).eq_ignore_ascii_case(value),
        Family::Like => glob::fits_expanded(&wanted, value),
    }
    .into()
}

fn arns(wanted: &ArnTemplate, value: &str, context: &RequestContext) -> Option<Outcome> {
    let fits = match wanted {
        ArnTemplate::Ready(pattern) => pattern.as_ref()?.fits_each_segment(value)?,
        ArnTemplate::Variable(template) => match template.expand(context) {
            None => return Some(Outcome::Unlike),
            Some(expanded) => ArnPattern::six(&expanded)?.fits_each_segment(value)?,
        },
    };
    Some(fits.into())
}

/// `true` or `false`, in any letter case.
fn truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// An address range; a bare address is the range of itself. Bits behind the prefix do not count, and an
/// IPv4 address in IPv6 clothes is the IPv4 address.
fn network(text: &str) -> Option<IpNet> {
    match text.split_once('/') {
        Some((address, length)) => {
            let network = text.parse::<IpNet>().ok()?.trunc();
            let address: IpAddr = address.parse().ok()?;
            match (address, address.to_canonical(), length.parse::<u8>().ok()?) {
                (IpAddr::V6(_), mapped @ IpAddr::V4(_), 96..) => {
                    let length = network.prefix_len() - 96;
                    IpNet::new(mapped, length)
                        .ok()
                        .map(|network| network.trunc())
                }
                _ => Some(network),
            }
        }
        None => text
            .parse::<IpAddr>()
            .ok()
            .map(|address| IpNet::from(address.to_canonical())),
    }
}
