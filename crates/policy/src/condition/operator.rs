//! The names of condition operators.

use crate::nearest::nearest;
use std::cmp::Ordering;

/// A condition operator: `[ForAllValues:|ForAnyValue:]base[IfExists]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) quantifier: Quantifier,
    pub(crate) base: Base,
    pub(crate) if_exists: bool,
    /// As written.
    pub(crate) name: Box<str>,
}

/// Which of a key's values must satisfy the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    One,
    ForAll,
    ForAny,
}

/// What is compared, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    Text { family: Family, negated: bool },
    Numeric(Comparison),
    Date(Comparison),
    Bool,
    Binary,
    IpAddress { negated: bool },
    Arn { negated: bool },
    Null,
}

/// How texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Equals,
    EqualsIgnoreCase,
    Like,
}

/// How the request's value stands to the policy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equals,
    NotEquals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

impl Operator {
    /// Reads a name, letter case not counting. `None`: there is no such operator.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let small = name.to_ascii_lowercase();
        let (quantifier, rest) = match small.split_once(':') {
            None => (Quantifier::One, small.as_str()),
            Some(("forallvalues", rest)) => (Quantifier::ForAll, rest),
            Some(("foranyvalue", rest)) => (Quantifier::ForAny, rest),
            Some(_) => return None,
        };
        let (base, if_exists) = match rest.strip_suffix("ifexists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let base = Base::parse(base)?;
        let meaningless = base == Base::Null && (if_exists || quantifier != Quantifier::One);
        (!meaningless).then(|| Self {
            quantifier,
            base,
            if_exists,
            name: name.into(),
        })
    }
}

impl Operator {
    /// The operator that was perhaps meant by a name that is none.
    pub(crate) fn nearest(name: &str) -> Option<String> {
        let (quantifier, rest) = match name.split_once(':') {
            Some((quantifier, rest)) => {
                let meant = nearest(quantifier, ["ForAllValues", "ForAnyValue"])?;
                (format!("{meant}:"), rest)
            }
            None => (String::new(), name),
        };
        let (rest, suffix) = match rest.len().checked_sub("IfExists".len()) {
            Some(at)
                if rest
                    .get(at..)
                    .is_some_and(|end| end.eq_ignore_ascii_case("IfExists")) =>
            {
                (&rest[..at], "IfExists")
            }
            Some(_) | None => (rest, ""),
        };
        let meant = format!("{quantifier}{}{suffix}", nearest(rest, NAMES)?);
        Self::parse(&meant).map(|_| meant)
    }
}

/// Every base as the manual spells it.
const NAMES: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
    "Null",
];

impl Base {
    fn parse(small: &str) -> Option<Self> {
        let text = |family, negated| Self::Text { family, negated };
        Some(match small {
            "stringequals" => text(Family::Equals, false),
            "stringnotequals" => text(Family::Equals, true),
            "stringequalsignorecase" => text(Family::EqualsIgnoreCase, false),
            "stringnotequalsignorecase" => text(Family::EqualsIgnoreCase, true),
            "stringlike" => text(Family::Like, false),
            "stringnotlike" => text(Family::Like, true),
            "bool" => Self::Bool,
            "binaryequals" => Self::Binary,
            "ipaddress" => Self::IpAddress { negated: false },
            "notipaddress" => Self::IpAddress { negated: true },
            "arnequals" | "arnlike" => Self::Arn { negated: false },
            "arnnotequals" | "arnnotlike" => Self::Arn { negated: true },
            "null" => Self::Null,
            other => match other.strip_prefix("numeric") {
                Some(comparison) => Self::Numeric(Comparison::parse(comparison)?),
                None => Self::Date(Comparison::parse(other.strip_prefix("date")?)?),
            },
        })
    }

    /// Whether it is fulfilled when no value of the policy is the request's.
    pub(crate) fn is_negated(self) -> bool {
        match self {
            Self::Text { negated, .. } | Self::IpAddress { negated } | Self::Arn { negated } => {
                negated
            }
            Self::Numeric(comparison) | Self::Date(comparison) => {
                comparison == Comparison::NotEquals
            }
            Self::Bool | Self::Binary | Self::Null => false,
        }
    }

    /// How an ordering stands to its values, in a word or two.
    pub(crate) fn relation(self) -> Option<&'static str> {
        let (Self::Numeric(comparison) | Self::Date(comparison)) = self else {
            return None;
        };
        match comparison {
            Comparison::Equals | Comparison::NotEquals => None,
            Comparison::LessThan => Some("less than"),
            Comparison::LessThanEquals => Some("at most"),
            Comparison::GreaterThan => Some("more than"),
            Comparison::GreaterThanEquals => Some("at least"),
        }
    }

    /// Whether its values may hold variables.
    pub(crate) fn takes_variables(self) -> bool {
        matches!(self, Self::Text { .. } | Self::Arn { .. } | Self::Bool)
    }
}

impl Comparison {
    fn parse(small: &str) -> Option<Self> {
        Some(match small {
            "equals" => Self::Equals,
            "notequals" => Self::NotEquals,
            "lessthan" => Self::LessThan,
            "lessthanequals" => Self::LessThanEquals,
            "greaterthan" => Self::GreaterThan,
            "greaterthanequals" => Self::GreaterThanEquals,
            _ => return None,
        })
    }

    /// Whether a request's value that stands so to the policy's is like it. Of the negated comparison
    /// this is the positive one: whoever asks turns it round.
    pub(crate) fn likes(self, order: Ordering) -> bool {
        match self {
            Self::Equals | Self::NotEquals => order.is_eq(),
            Self::LessThan => order.is_lt(),
            Self::LessThanEquals => order.is_le(),
            Self::GreaterThan => order.is_gt(),
            Self::GreaterThanEquals => order.is_ge(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_without_letter_case_and_nothing_else_is_an_operator() {
        let rows = [
            ("StringEquals", true),
            ("stringequalsifexists", true),
            ("ForAllValues:StringNotLike", true),
            ("ForAnyValue:ArnLikeIfExists", true),
            ("DateGreaterThanEquals", true),
            ("Null", true),
            ("NullIfExists", false),
            ("ForAnyValue:Null", false),
            ("StringMatches", false),
            ("ForEachValue:StringEquals", false),
            ("NumericLike", false),
            ("", false),
        ];
        for (name, known) in rows {
            assert_eq!(Operator::parse(name).is_some(), known, "{name}");
        }
        assert!(
            NAMES
                .into_iter()
                .all(|name| Operator::parse(name).is_some())
        );
    }

    #[test]
    fn a_mistyped_name_is_understood() {
        for (name, meant) in [
            ("StringEqual", Some("StringEquals")),
            ("ForAnyValues:StringLikes", Some("ForAnyValue:StringLike")),
            ("ArnLikesIfExists", Some("ArnLikeIfExists")),
            ("NullIfExists", None),
            ("Matches", None),
        ] {
            assert_eq!(Operator::nearest(name).as_deref(), meant, "{name}");
        }
    }
}
