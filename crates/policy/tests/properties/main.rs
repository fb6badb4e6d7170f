//! Whatever strangers write into a pattern or a value: the document is refused, or it is decided, and
//! explained, alike however it is asked. The fuzz targets hold the same of their inputs.

mod condition_value;
mod one_statement;
mod policy_variable;
mod resource_pattern;
mod wildcard;

use proptest::prelude::*;

/// An operator of each kind.
const OPERATORS: [&str; 14] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "NumericEquals",
    "NumericLessThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateLessThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "ArnLike",
    "Null",
];

/// Texts with what parsers look for, and any other text, too.
fn texts(regex: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![4 => regex, 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_a_resource_and_its_twin_at_most_one_fits(
        pattern in texts("arn:(aws|\\*)(:(sqs|SQS)?(:[*?a]?(:[*1]?(:[*?a${}k,'/:]{0,8})?)?)?)?"),
        resource in texts("(arn:aws:sqs:a?:1?:[a*:/]{0,5}|\\*)"),
        value in texts("[a*?:\u{1}]{0,3}"),
    ) {
        resource_pattern::holds(&pattern, &resource, &value);
    }

    #[test]
    fn every_form_of_an_operator_says_the_same_of_one_value(
        operator in proptest::sample::select(&OPERATORS[..]),
        wanted in texts("([-+]?[0-9]{0,4}[.]?[0-9]{0,3}|(true|False)|[A-Za-z+/]{0,6}={0,2}|arn:aws:iam::1?:[*a?]{0,3})"),
        found in texts("([-+]?[0-9]{0,4}[.]?[0-9]{0,3}|(true|False)|[A-Za-z+/]{0,6}={0,2}|arn:aws:iam::1?:[*a?]{0,3})"),
    ) {
        condition_value::holds(operator, &wanted, &found);
    }

    #[test]
    fn every_form_of_an_operator_says_the_same_of_dates_and_addresses(
        operator in proptest::sample::select(&["DateEquals", "DateLessThan", "IpAddress", "NumericGreaterThanEquals"][..]),
        wanted in texts("(([12]?[0-9]{3})(-[01][0-9]){0,3}(T[012][0-9](:[0-6][0-9]){0,3}([.][0-9]{0,10})?(Z|[-+][0-9]{2}:[0-9]{2})?)?|[0-9]{0,3}([.][0-9]{1,3}){3}(/[0-9]{1,3})?|(::|[0-9a-f:]{1,9})(/[0-9]{1,3})?)"),
        found in texts("(([12]?[0-9]{3})(-[01][0-9]){0,3}(T[012][0-9](:[0-6][0-9]){0,3}([.][0-9]{0,10})?(Z|[-+][0-9]{2}:[0-9]{2})?)?|[0-9]{0,3}([.][0-9]{1,3}){3}|(::ffff:|::)?[0-9a-f.:]{1,9})"),
    ) {
        condition_value::holds(operator, &wanted, &found);
    }

    #[test]
    fn wildcards_fit_by_their_definition(pattern in texts("[aBé*?]{0,8}"), text in texts("[abBé*?]{0,8}")) {
        wildcard::holds(&pattern, &text);
    }

    #[test]
    fn what_a_variable_puts_in_is_itself_alone(
        template in texts("[a*?:]{0,3}([$][{](k:value|\\*|[?]|[$]|k:none, ?'[a*]{0,2}'|[a{$,']{0,3})[}]?[a*?]{0,2}){0,2}"),
        value in texts("[aé*?:\u{1}\u{2}\u{3}]{0,3}"),
        found in texts("[aé*?:\u{1}]{0,3}"),
    ) {
        policy_variable::holds(&template, &value, &found);
    }
}

#[test]
fn a_document_is_at_most_so_long() {
    let resource = |chars: usize| format!("arn:aws:sqs::1:{}", "é".repeat(chars));
    let empty = one_statement::document("Allow", &serde_json::json!({"Resource": resource(0)}));
    let spare = one_statement::CHARS_MAX - empty.chars().count();
    for (chars, taken) in [(spare, true), (spare + 1, false)] {
        let text =
            one_statement::document("Allow", &serde_json::json!({"Resource": resource(chars)}));
        assert_eq!(policy::PermissionsPolicy::parse(&text).is_ok(), taken);
    }
}
