//! Writes the typed structures of the operations that `overrides.json` lists.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::model::{Corrections, Model, Reference, Shape, Type};

/// The module text: `<Operation>Request`, `<Operation>Response`, and what they contain.
pub(crate) fn render(module: &str, model: &Model, corrections: &Corrections) -> String {
    let mut writer = Writer {
        module,
        model,
        out: String::new(),
        nested: BTreeSet::new(),
    };
    for name in &corrections.dto {
        writer.operation(name);
    }
    writer.nested_structures();
    writer.out
}

struct Writer<'a> {
    module: &'a str,
    model: &'a Model,
    out: String,
    nested: BTreeSet<&'a str>,
}

impl<'a> Writer<'a> {
    fn operation(&mut self, name: &str) {
        let index = self
            .model
            .operations
            .keys()
            .position(|n| n == name)
            .expect("listed");
        let operation = &self.model.operations[name];
        let request = format!("{name}Request");
        let response = format!("{name}Response");
        self.top(
            &format!("What `{name}` is asked."),
            &request,
            operation.input.as_ref(),
        );
        self.top(
            &format!("What `{name}` answers."),
            &response,
            operation.output.as_ref(),
        );
        let _ = writeln!(
            self.out,
            "operation!({request} => {response}, &crate::tables::{}::OPERATIONS[{index}]);",
            self.module
        );
    }

    fn top(&mut self, sentence: &str, rust_name: &str, reference: Option<&'a Reference>) {
        let shape = reference.map(|reference| self.model.shape(&reference.shape));
        self.structure(sentence, rust_name, shape);
    }

    fn structure(&mut self, sentence: &str, rust_name: &str, shape: Option<&'a Shape>) {
        let _ = writeln!(
            self.out,
            "structure! {{\n    #[doc = {sentence:?}]\n    {rust_name} {{"
        );
        let members = shape.map_or(&[][..], |shape| shape.members.0.as_slice());
        for (index, (name, reference)) in members.iter().enumerate() {
            let required = shape.is_some_and(|shape| shape.required.contains(name));
            let inner = self.rust_type(&reference.shape);
            let (rust_type, word) = match required {
                true => (inner, "required"),
                false => (format!("Option<{inner}>"), "optional"),
            };
            let field = field_name(name);
            let _ = writeln!(self.out, "        #[doc = \"`{name}`, {word}.\"]");
            let _ = writeln!(self.out, "        {index} {field}: {rust_type},");
        }
        self.out.push_str("    }\n}\n");
    }

    fn rust_type(&mut self, shape_name: &'a str) -> String {
        let shape = self.model.shape(shape_name);
        match shape.kind {
            Type::Structure if shape.document => "serde_json::Value".to_owned(),
            Type::Structure => {
                self.nested.insert(shape_name);
                upper_first(shape_name)
            }
            Type::List => format!(
                "Vec<{}>",
                self.rust_type(&item(shape.member.as_ref()).shape)
            ),
            Type::Map => {
                format!(
                    "BTreeMap<String, {}>",
                    self.rust_type(&item(shape.value.as_ref()).shape)
                )
            }
            Type::String if shape.sensitive => "Secret".to_owned(),
            Type::String => "String".to_owned(),
            Type::Integer | Type::Long => "i64".to_owned(),
            Type::Float | Type::Double => "f64".to_owned(),
            Type::Boolean => "bool".to_owned(),
            Type::Blob => "Vec<u8>".to_owned(),
            Type::Timestamp => "Timestamp".to_owned(),
        }
    }

    fn nested_structures(&mut self) {
        let mut written = BTreeSet::new();
        while let Some(name) = self.nested.pop_first() {
            if written.insert(name) {
                let shape = self.model.shape(name);
                self.structure(
                    &format!("`{name}` of the model."),
                    &upper_first(name),
                    Some(shape),
                );
            }
        }
    }
}

fn item(reference: Option<&Reference>) -> &Reference {
    reference.expect("lists and maps have an inner shape")
}

fn upper_first(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_ascii_uppercase())
}

/// `OpenIDConnectProviderArn` to `open_id_connect_provider_arn`, `MFADevice` to `mfa_device`.
fn field_name(name: &str) -> String {
    let name = name.replace("IDs", "Ids").replace("ARNs", "Arns");
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        let after_lower =
            i > 0 && (chars[i - 1].is_ascii_lowercase() || chars[i - 1].is_ascii_digit());
        let before_lower = chars.get(i + 1).is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && i > 0 && (after_lower || before_lower) {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    match out.as_str() {
        "type" => "r#type".to_owned(),
        _ => out,
    }
}
