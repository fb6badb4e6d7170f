//! How names, labels and keys are spelt, and what Kubernetes says of those that are not.
//!
//! Each rule returns its complaints; none means that the text is right. The texts are those of
//! `k8s.io/apimachinery/pkg/util/validation`.

/// Bytes in a label or in the name part of a qualified name.
pub(crate) const LABEL_MAX: usize = 63;
/// Bytes in a subdomain.
pub(crate) const SUBDOMAIN_MAX: usize = 253;

const QUALIFIED: Form = Form {
    rule: "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    examples: &["MyName", "my.name", "123-abc"],
    regex: "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
};
const LABEL_VALUE: Form = Form {
    rule: "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    examples: &["MyValue", "my_value", "12345"],
    regex: "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
};
const DNS_LABEL: Form = Form {
    rule: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    examples: &["my-name", "123-abc"],
    regex: "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
};
const DNS_1035_LABEL: Form = Form {
    rule: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    examples: &["my-name", "abc-123"],
    regex: "[a-z]([-a-z0-9]*[a-z0-9])?",
};
const DNS_SUBDOMAIN: Form = Form {
    rule: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    examples: &["example.com"],
    regex: r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
};
const CONFIG_KEY: Form = Form {
    rule: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    examples: &["key.name", "KEY_NAME", "key-name"],
    regex: "[-._a-zA-Z0-9]+",
};

/// A rule by its sentence, with examples and the expression that Kubernetes quotes.
struct Form {
    rule: &'static str,
    examples: &'static [&'static str],
    regex: &'static str,
}

impl Form {
    fn complaint(&self) -> String {
        let examples = self.examples.iter().map(|example| format!("'{example}'"));
        let examples = examples.collect::<Vec<_>>().join(",  or ");
        let Self { rule, regex, .. } = self;
        format!("{rule} (e.g. {examples}, regex used for validation is '{regex}')")
    }
}

/// The complaint of text that is too long.
pub(crate) fn too_long(max: usize) -> String {
    format!("must be no more than {max} bytes")
}

/// The complaint of a number out of a range.
pub(crate) fn out_of_range(low: i64, high: i64) -> String {
    format!("must be between {low} and {high}, inclusive")
}

/// `[PREFIX/]NAME`: a label's or an annotation's key, a finalizer.
pub(crate) fn qualified_name(text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let name = match text.split_once('/') {
        None => text,
        Some((_, name)) if name.contains('/') => {
            let hint = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            return vec![format!("a qualified name {} {hint}", QUALIFIED.complaint())];
        }
        Some(("", name)) => {
            complaints.push("prefix part must be non-empty".to_owned());
            name
        }
        Some((prefix, name)) => {
            let of_prefix = dns_subdomain(prefix).into_iter();
            complaints.extend(of_prefix.map(|complaint| format!("prefix part {complaint}")));
            name
        }
    };
    if name.is_empty() {
        complaints.push("name part must be non-empty".to_owned());
    } else if name.len() > LABEL_MAX {
        complaints.push(format!("name part {}", too_long(LABEL_MAX)));
    }
    if !is_qualified_part(name) {
        complaints.push(format!("name part {}", QUALIFIED.complaint()));
    }
    complaints
}

/// A label's value.
pub(crate) fn label_value(text: &str) -> Vec<String> {
    let is_spelt = text.is_empty() || is_qualified_part(text);
    form(text, LABEL_MAX, is_spelt, &LABEL_VALUE)
}

/// An RFC 1123 label: a namespace, a container, a volume.
pub(crate) fn dns_label(text: &str) -> Vec<String> {
    form(text, LABEL_MAX, is_dns_label(text), &DNS_LABEL)
}

/// An RFC 1035 label: a service.
pub(crate) fn dns_1035_label(text: &str) -> Vec<String> {
    let is_spelt = is_dns_label(text) && text.starts_with(|first: char| first.is_ascii_lowercase());
    form(text, LABEL_MAX, is_spelt, &DNS_1035_LABEL)
}

/// An RFC 1123 subdomain: most names.
pub(crate) fn dns_subdomain(text: &str) -> Vec<String> {
    form(
        text,
        SUBDOMAIN_MAX,
        text.split('.').all(is_dns_label),
        &DNS_SUBDOMAIN,
    )
}

/// A name that may stand in a URL's path: RBAC's.
pub(crate) fn path_segment(text: &str) -> Vec<String> {
    if text == "." || text == ".." {
        return vec![format!("may not be '{text}'")];
    }
    let forbidden = ["/", "%"].into_iter().filter(|part| text.contains(part));
    forbidden
        .map(|part| format!("may not contain '{part}'"))
        .collect()
}

/// A key of a ConfigMap or a Secret, which becomes a file's name.
pub(crate) fn config_key(text: &str) -> Vec<String> {
    let is_key = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let is_spelt = !text.is_empty() && text.bytes().all(is_key);
    let mut complaints = form(text, SUBDOMAIN_MAX, is_spelt, &CONFIG_KEY);
    complaints.extend(leaves_folder(text));
    complaints
}

/// An environment variable's name.
pub(crate) fn env_var_name(text: &str) -> Vec<String> {
    if text.is_empty() {
        return vec!["must be non-empty".to_owned()];
    }
    if text
        .bytes()
        .all(|byte| (b' '..=b'~').contains(&byte) && byte != b'=')
    {
        return Vec::new();
    }
    vec!["a valid environment variable name must consist only of printable ASCII characters other than '='".to_owned()]
}

/// A port's name.
pub(crate) fn port_name(text: &str) -> Vec<String> {
    const PORT_NAME_MAX: usize = 15;
    let is_port = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let rules = [
        (text.len() > PORT_NAME_MAX, too_long(PORT_NAME_MAX)),
        (
            text.is_empty() || !text.bytes().all(is_port),
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned(),
        ),
        (
            !text.bytes().any(|byte| byte.is_ascii_lowercase()),
            "must contain at least one letter (a-z)".to_owned(),
        ),
        (
            text.contains("--"),
            "must not contain consecutive hyphens".to_owned(),
        ),
        (
            text.starts_with('-') || text.ends_with('-'),
            "must not begin or end with a hyphen".to_owned(),
        ),
    ];
    rules
        .into_iter()
        .filter(|(is_broken, _)| *is_broken)
        .map(|(_, complaint)| complaint)
        .collect()
}

fn leaves_folder(text: &str) -> Option<String> {
    match text {
        "." | ".." => Some(format!("must not be '{text}'")),
        text if text.starts_with("..") => Some("must not start with '..'".to_owned()),
        _ => None,
    }
}

fn form(text: &str, max: usize, is_spelt: bool, form: &Form) -> Vec<String> {
    let too_long = (text.len() > max).then(|| too_long(max));
    let misspelt = (!is_spelt).then(|| form.complaint());
    too_long.into_iter().chain(misspelt).collect()
}

fn is_dns_label(text: &str) -> bool {
    let is_edge = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    is_framed(text, is_edge, |byte| is_edge(byte) || byte == b'-')
}

fn is_qualified_part(text: &str) -> bool {
    let is_edge = |byte: u8| byte.is_ascii_alphanumeric();
    is_framed(text, is_edge, |byte| {
        is_edge(byte) || b"-_.".contains(&byte)
    })
}

fn is_framed(text: &str, is_edge: impl Fn(u8) -> bool, is_inner: impl Fn(u8) -> bool) -> bool {
    match text.as_bytes() {
        [] => false,
        [only] => is_edge(*only),
        [first, inner @ .., last] => {
            is_edge(*first) && is_edge(*last) && inner.iter().all(|byte| is_inner(*byte))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_told_the_rule_with_examples() {
        let rows = [
            (
                qualified_name("a b"),
                "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            ),
            (
                dns_subdomain("Web_1"),
                r"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
            ),
            (qualified_name("/x"), "prefix part must be non-empty"),
            (config_key(".."), "must not be '..'"),
            (config_key("..data"), "must not start with '..'"),
            (
                env_var_name("A=B"),
                "a valid environment variable name must consist only of printable ASCII characters other than '='",
            ),
            (port_name("80"), "must contain at least one letter (a-z)"),
            (path_segment("a/b"), "may not contain '/'"),
            (dns_label(&"a".repeat(64)), "must be no more than 63 bytes"),
        ];
        for (complaints, text) in rows {
            assert_eq!(complaints, [text]);
        }
    }

    #[test]
    fn a_well_spelt_name_passes() {
        let complaints = [
            qualified_name("example.com/MyName"),
            qualified_name("a"),
            label_value(""),
            label_value("v1.2_3"),
            dns_label("0-a"),
            dns_1035_label("a-0"),
            dns_subdomain("a.b-c.d"),
            config_key("config.yaml"),
            env_var_name("some.name-1"),
            port_name("http-2"),
            path_segment("system:admin"),
        ];
        assert_eq!(complaints.concat(), [""; 0]);
    }
}
