//! The path of an IAM entity, which groups but does not name.

name! {
    /// `/`, or words between slashes: `/ci/runners/`. At most 512 characters.
    Path, NotAPath, "a path",
    "`/`, or printable ASCII between slashes as `/ci/`, at most 512 characters",
    is_path
}

impl Path {
    /// `/`, where entities live unless told otherwise.
    #[must_use]
    pub fn root() -> Self {
        Self("/".into())
    }

    /// Whether this is `/`.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.as_str() == "/"
    }
}

impl Default for Path {
    fn default() -> Self {
        Self::root()
    }
}

/// Longest path of an IAM entity.
const PATH_CHARS_MAX: usize = 512;

/// The service model's pattern: `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`.
fn is_path(text: &str) -> bool {
    let inner = text
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    text == "/"
        || inner.is_some_and(|inner| {
            text.len() <= PATH_CHARS_MAX
                && !inner.is_empty()
                && inner.bytes().all(|byte| byte.is_ascii_graphic())
        })
}
