//! Writes XML text.

/// Percent-encodes all but RFC 3986's unreserved characters.
pub(crate) const RESERVED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `<name>`
pub(crate) fn open(out: &mut String, name: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

/// `</name>`
pub(crate) fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// `<name>text</name>`
pub(crate) fn element(out: &mut String, name: &str, text: &str) {
    open(out, name);
    escape(out, text);
    close(out, name);
}

/// Text as content. What XML 1.0 cannot say at all becomes U+FFFD; a carriage return is written
/// as a reference, since readers would turn it into a line feed.
pub(crate) fn escape(out: &mut String, text: &str) {
    // Most text, and all of a session token, is of this kind.
    let is_plain = |byte| matches!(byte, b' '..=b'~') & !matches!(byte, b'<' | b'>' | b'&' | b'"');
    // Without an early end, so that many bytes are looked at at once.
    if text.bytes().fold(true, |all, byte| all & is_plain(byte)) {
        return out.push_str(text);
    }
    let mut plain = 0;
    for (at, c) in text.char_indices() {
        let replacement = match c {
            '<' => "&lt;",
            '>' => "&gt;",
            '&' => "&amp;",
            '"' => "&quot;",
            '\r' => "&#13;",
            '\t' | '\n' => continue,
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        out.push_str(replacement);
        plain = at + c.len_utf8();
    }
    out.push_str(&text[plain..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_never_breaks_the_document() {
        let mut out = String::new();
        element(&mut out, "M", "a<b>&\"\r\n\t\u{1}é\u{ffff}");
        assert_eq!(
            out,
            "<M>a&lt;b&gt;&amp;&quot;&#13;\n\t\u{fffd}é\u{fffd}</M>"
        );
    }
}
