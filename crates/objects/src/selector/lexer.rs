//! Label selectors as tokens.

/// A piece of a label selector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) sort: Sort,
    /// As written.
    pub(super) text: &'t str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    End,
    Word,
    In,
    NotIn,
    Not,
    Equals,
    DoubleEquals,
    NotEquals,
    Greater,
    Less,
    Open,
    Close,
    Comma,
}

/// Reads tokens, and looks one ahead.
#[derive(Debug)]
pub(super) struct Lexer<'t> {
    rest: &'t str,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text }
    }

    /// The next token where `in` and `notin` are operators.
    pub(super) fn operator(&mut self) -> Token<'t> {
        let (token, rest) = split(self.rest);
        self.rest = rest;
        token
    }

    /// The next token where `in` and `notin` are words like others.
    pub(super) fn word(&mut self) -> Token<'t> {
        as_word(self.operator())
    }

    /// What [`Self::word`] will return.
    pub(super) fn peek(&self) -> Token<'t> {
        as_word(split(self.rest).0)
    }
}

fn as_word(token: Token<'_>) -> Token<'_> {
    let is_keyword = matches!(token.sort, Sort::In | Sort::NotIn);
    Token {
        sort: if is_keyword { Sort::Word } else { token.sort },
        ..token
    }
}

fn split(text: &str) -> (Token<'_>, &str) {
    let text = text.trim_start_matches([' ', '\t', '\r', '\n']);
    let Some(first) = text.bytes().next() else {
        return (
            Token {
                sort: Sort::End,
                text,
            },
            text,
        );
    };
    if !is_symbol(first) {
        let end = text
            .bytes()
            .position(|byte| is_symbol(byte) || b" \t\r\n".contains(&byte));
        let (word, rest) = text.split_at(end.unwrap_or(text.len()));
        let sort = match word {
            "in" => Sort::In,
            "notin" => Sort::NotIn,
            _ => Sort::Word,
        };
        return (Token { sort, text: word }, rest);
    }
    let sort = match (first, text.as_bytes().get(1)) {
        (b'=', Some(b'=')) => Sort::DoubleEquals,
        (b'!', Some(b'=')) => Sort::NotEquals,
        (b'=', _) => Sort::Equals,
        (b'!', _) => Sort::Not,
        (b'>', _) => Sort::Greater,
        (b'<', _) => Sort::Less,
        (b'(', _) => Sort::Open,
        (b')', _) => Sort::Close,
        _ => Sort::Comma,
    };
    let is_double = matches!(sort, Sort::DoubleEquals | Sort::NotEquals);
    let length = if is_double { 2 } else { 1 };
    let (symbol, rest) = text.split_at(length);
    (Token { sort, text: symbol }, rest)
}

fn is_symbol(byte: u8) -> bool {
    b"=!(),><".contains(&byte)
}
