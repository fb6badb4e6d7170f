//! A passage of a document's text, which the document and its parts share.

use crate::draft::Text;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A string of a document as it reads: where it stands in the text, or, written with escapes, by itself.
#[derive(Debug, Clone)]
pub(crate) struct Passage {
    text: Arc<str>,
    start: usize,
    end: usize,
}

impl Passage {
    /// The passage of a text from which that string was read.
    pub(crate) fn of(text: &Arc<str>, read: &Text<'_>) -> Self {
        let (start, end) = (read.span.start + 1, read.span.end.saturating_sub(1));
        if text.get(start..end) == Some(&*read.text) {
            let text = Arc::clone(text);
            return Self { text, start, end };
        }
        Self::whole(&read.text)
    }

    /// A text that is its own only passage.
    pub(crate) fn whole(text: &str) -> Self {
        Self {
            start: 0,
            end: text.len(),
            text: Arc::from(text),
        }
    }
}

impl Deref for Passage {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text[self.start..self.end]
    }
}

impl fmt::Display for Passage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Span;

    #[test]
    fn a_passage_reads_as_the_string_does_and_shares_the_text_where_it_can() {
        let text: Arc<str> = Arc::from(r#"["s3:Get\u004fbject", "s3:*", "é"]"#);
        let rows = [
            (1..20, "s3:GetObject", false),
            (22..28, "s3:*", true),
            (30..34, "é", true),
        ];
        for (place, read, shared) in rows {
            let (start, end) = (place.start, place.end);
            let string = Text {
                text: read.into(),
                span: Span { start, end },
            };
            let passage = Passage::of(&text, &string);
            assert_eq!(&*passage, read);
            assert_eq!(Arc::ptr_eq(&passage.text, &text), shared, "{read}");
        }
    }
}
