//! Where a value stands in a YAML file.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::fmt;

/// A value's beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    line: usize,
    column: usize,
    /// The value itself, when it is text.
    pub(super) scalar: Option<String>,
}

/// The place of the value that the keys lead to, or of the last one on the way that is there.
pub(super) fn place_of(text: &str, way: &[String]) -> Option<Place> {
    let top: Spanned<Shape> = serde_saphyr::from_str(text).ok()?;
    let mut at = &top;
    for step in way {
        match at.value.below(step) {
            Some(below) => at = below,
            None => break,
        }
    }
    let place = at.defined;
    Some(Place {
        line: usize::try_from(place.line()).ok()?,
        column: usize::try_from(place.column()).ok()?,
        scalar: match &at.value {
            Shape::Text(text) => Some(text.clone()),
            Shape::List(_) | Shape::Map(_) | Shape::Other => None,
        },
    })
}

impl Place {
    pub(super) fn start(&self) -> (usize, usize) {
        (self.line, self.column)
    }

    /// The place in the file of a place in the text that stands here: exact in a block, the
    /// beginning of the value elsewhere, since quotes and folding move what they hold.
    pub(super) fn within(&self, file: &str, (line, column): (usize, usize)) -> (usize, usize) {
        let Some(scalar) = &self.scalar else {
            return self.start();
        };
        let wanted = scalar.lines().nth(line - 1).unwrap_or_default();
        let lines: Vec<&str> = file.lines().collect();
        // The value begins at the mark of the block or in the line below it.
        for begin in [self.line + 1, self.line] {
            let stands = lines.get(begin + line - 2).copied().unwrap_or_default();
            let indent = stands.len().saturating_sub(stands.trim_start().len());
            let deeper = wanted.len().saturating_sub(wanted.trim_start().len());
            if !wanted.trim().is_empty() && stands.trim() == wanted.trim() {
                return (begin + line - 1, indent.saturating_sub(deeper) + column);
            }
        }
        self.start()
    }
}

/// A YAML value, as far as it leads to others.
enum Shape {
    Map(Vec<(String, Spanned<Shape>)>),
    List(Vec<Spanned<Shape>>),
    Text(String),
    Other,
}

impl Shape {
    fn below(&self, step: &str) -> Option<&Spanned<Self>> {
        match self {
            Self::Map(entries) => {
                let entry = entries.iter().find(|(key, _)| key == step)?;
                Some(&entry.1)
            }
            Self::List(items) => items.get(step.parse::<usize>().ok()?),
            Self::Text(_) | Self::Other => None,
        }
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Shapes)
    }
}

struct Shapes;

impl<'de> Visitor<'de> for Shapes {
    type Value = Shape;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a YAML value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Shape::Map(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Shape::List(items))
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
        Ok(Shape::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Other)
    }

    fn visit_none<E>(self) -> Result<Shape, E> {
        Ok(Shape::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
accounts:
  - alias: ci
    id: \"111111111111\"
root:
  policy:
    document: |
      {
        \"Statment\": []
      }
  flow: { \"a\": [1, 2] }
";

    #[test]
    fn a_value_is_found_and_so_is_the_last_one_on_the_way() {
        let rows = [
            ("accounts.0.id", (3, 9)),
            ("accounts.0.nothing.below", (2, 5)),
            ("root.flow.a.1", (10, 20)),
        ];
        for (way, place) in rows {
            let way: Vec<_> = way.split('.').map(str::to_owned).collect();
            assert_eq!(place_of(FILE, &way).unwrap().start(), place, "{way:?}");
        }
    }

    #[test]
    fn a_place_in_a_block_is_a_place_in_the_file() {
        let way = ["root", "policy", "document"].map(str::to_owned);
        let place = place_of(FILE, &way).unwrap();
        assert_eq!(place.within(FILE, (2, 3)), (8, 9));
        assert_eq!(place.within(FILE, (9, 1)), place.start());
    }
}
